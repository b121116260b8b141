/**
 * Long licences, of which the letters and digits from a first to a last passage are told by their SHA-256: equal digests mean that the whole text stands
 * there. More than one digest of a licence: its own text and misprints that are widespread.
 */
export interface LongText {
  readonly begins: string;
  readonly ends: string;
  /** SPDX identifier by the digest of what stands from `begins` to the end of `ends`. */
  readonly texts: Readonly<Record<string, string>>;
}

export const LONG_TEXTS: readonly LongText[] = [
  {
    begins: "termsandconditionsforusereproductionanddistribution1definitions",
    ends: "ofyouracceptinganysuchwarrantyoradditionalliability",
    texts: {
      b42c9aa42148e9b6873b2c75c5b22ae916c356ad1e31789ac48b6a007f5f5782: "Apache-2.0",
      // Without the marks (a) to (d) of its fourth clause.
      "9c0ccd798754f7d5535ee0b4291dbfb03816d8d24d2c950c733ab11acfd30d47": "Apache-2.0",
    },
  },
  {
    begins: "1definitions11contributormeans",
    ends: "incompatiblewithsecondarylicensesasdefinedbythemozillapubliclicensev20",
    texts: { "538da4cde39ea656d97e03a612acf12fb49dc903d4579872cde914dbc425a4cf": "MPL-2.0" },
  },
  {
    begins: "preamblethelicensesformostsoftware",
    ends: "endoftermsandconditions",
    texts: {
      ab987eb1dbd57caeb9ce0001f41dd8d53cdb49d6c2f263851d6d8904c800780a: "GPL-2.0-only",
      f12a23887284883a85f4c3a38d50c53842bf39aec5e5b74a7e35fea9f8fd6242: "LGPL-2.0-only",
      "22e90410eb7a902f952cf7eba97499e4f239615c91ab00165b3b5f8b79068f62": "LGPL-2.1-only",
    },
  },
  {
    begins: "preamblethegnu",
    ends: "endoftermsandconditions",
    texts: {
      "4639b0ec5f44abbc91cd8f6bf463e47f34ac979af2069d910a23a7430ace5b19": "GPL-3.0-only",
      d22133df676bcebdb73f37b0f28a3f58497db28e2348de4c340108e126344ab0: "AGPL-3.0-only",
    },
  },
  {
    begins: "thisversionofthegnulessergeneralpubliclicenseincorporates",
    ends: "permanentauthorizationforyoutochoosethatversionforthelibrary",
    texts: { f16a57d879a785317e57369dd7e999461e6d9672c27daaf68ef9a6df1195d951: "LGPL-3.0-only" },
  },
];

/** What follows a GNU licence's terms: how to apply it, with a notice that is an example and says nothing of the part. */
export const GNU_APPENDIX =
  /^(?:appendix)?howtoapplythesetermstoyournew.*?(?:whynotlgplhtml|gnuorglicenses|lesserlibrarygeneralpubliclicenseinsteadofthislicense|gnulessergeneralpubliclicenseinsteadofthislicense|thatsallthereistoit)/;

const GNU_NAMES: Readonly<Record<string, string>> = { lesser: "LGPL", library: "LGPL", affero: "AGPL" };

/**
 * The notices by which a licence whose text is elsewhere is applied: Apache's, as in the appendix of its text, and the GNU licences', which say "or any later
 * version". The SPDX identifier is made of the match.
 */
export const NOTICES: readonly (readonly [pattern: RegExp, spdx: (match: RegExpMatchArray) => string])[] = [
  [
    /licensedundertheapachelicenseversion20thelicenseyoumaynotusethisfileexceptincompliancewiththelicenseyoumayobtainacopyofthelicenseathttpwwwapacheorglicenseslicense20unlessrequiredbyapplicablelaworagreedtoinwritingsoftwaredistributedunderthelicenseisdistributedonanasisbasiswithoutwarrantiesorconditionsofanykindeitherexpressorimpliedseethelicenseforthespecificlanguagegoverningpermissionsandlimitationsunderthelicense/g,
    () => "Apache-2.0",
  ],
  [
    /gnu(lesser|library|affero)?generalpubliclicenseaspublishedbythefreesoftwarefoundationeitherversion(1|2|21|3)(?:0)?(?:ofthelicense)?oratyouroptionanylaterversion/g,
    ([, kind = "", version = ""]) =>
      `${GNU_NAMES[kind] ?? "GPL"}-${version === "21" ? "2.1" : `${version}.0`}-or-later`,
  ],
  [/mozillapubliclicensev(?:ersion)?20ifacopyofthempl(?:wasnotdistributed|isnotdistributed)/g, () => "MPL-2.0"],
];
