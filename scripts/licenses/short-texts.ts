/**
 * The fixed texts of short licences, as SPDX's list has them. A hole `<N>` stands for up to N letters and digits that differ from one part to the other: a
 * holder's name, the number of a clause (SPDX specification, annex "License matching guidelines and templates", replaceable and omittable text).
 */
export interface ShortText {
  readonly spdx: string;
  readonly text: string;
}

const BSD_BEGIN =
  "Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met: <9> " +
  "Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer. <9> " +
  "Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following disclaimer in the documentation and/or other materials provided with the distribution. <9>";
const BSD_END =
  "THIS SOFTWARE IS PROVIDED BY <120> AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. " +
  "IN NO EVENT SHALL <120> BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) " +
  "HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.";
const ENDORSEMENT =
  "<120> may be used to endorse or promote products derived from this software without specific prior written permission.";

const MIT_BEGIN =
  "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the Software), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so";
const MIT_NOTICE =
  ", subject to the following conditions: The above copyright notice and this permission notice <30> shall be included in all copies or substantial portions of the Software.";
const MIT_END =
  "THE SOFTWARE IS PROVIDED AS IS, WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. " +
  "IN NO EVENT SHALL <60> BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.";

const ISC_END =
  "THE SOFTWARE IS PROVIDED AS IS AND <40> DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. " +
  "IN NO EVENT SHALL <40> BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.";

export const SHORT_TEXTS: readonly ShortText[] = [
  { spdx: "MIT", text: `${MIT_BEGIN} ${MIT_NOTICE} ${MIT_END}` },
  { spdx: "MIT-0", text: `${MIT_BEGIN}. ${MIT_END}` },
  { spdx: "BSD-3-Clause", text: `${BSD_BEGIN} Neither <3> name <120> ${ENDORSEMENT} ${BSD_END}` },
  { spdx: "BSD-3-Clause", text: `${BSD_BEGIN} The name <120> ${ENDORSEMENT} ${BSD_END}` },
  { spdx: "BSD-2-Clause", text: `${BSD_BEGIN} ${BSD_END}` },
  {
    spdx: "ISC",
    text: `Permission to use, copy, modify, <5> distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies. ${ISC_END}`,
  },
  {
    spdx: "0BSD",
    text: `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted. ${ISC_END}`,
  },
  {
    spdx: "Zlib",
    text:
      "This software is provided as-is, without any express or implied warranty. In no event will the authors be held liable for any damages arising from the use of this software. " +
      "Permission is granted to anyone to use this software for any purpose, including commercial applications, and to alter it and redistribute it freely, subject to the following restrictions: <3> " +
      "The origin of this software must not be misrepresented; you must not claim that you wrote the original software. If you use this software in a product, an acknowledgment in the product documentation would be appreciated but is not required. <3> " +
      "Altered source versions must be plainly marked as such, and must not be misrepresented as being the original software. <3> This notice may not be removed or altered from any source distribution.",
  },
  {
    spdx: "Unlicense",
    text:
      "This is free and unencumbered software released into the public domain. Anyone is free to copy, modify, publish, use, compile, sell, or distribute this software, either in source code form or as a compiled binary, for any purpose, commercial or non-commercial, and by any means. " +
      "In jurisdictions that recognize copyright laws, the author or authors of this software dedicate any and all copyright interest in the software to the public domain. We make this dedication for the benefit of the public at large and to the detriment of our heirs and successors. " +
      "We intend this dedication to be an overt act of relinquishment in perpetuity of all present and future rights to this software under copyright law. " +
      "THE SOFTWARE IS PROVIDED AS IS, WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. " +
      "IN NO EVENT SHALL THE AUTHORS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.",
  },
];
