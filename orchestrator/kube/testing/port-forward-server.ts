/** For tests only: an API server's port-forward subresource. */
import { createHash } from "node:crypto";
import http from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";

/** Magic of RFC 6455, 1.3. */
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const PROTOCOL = "v4.channel.k8s.io";
const [DATA, ERROR] = [0, 1];
const [BINARY, CLOSE] = [2, 8];

/**
 * Forwards to ports of this machine as an API server does to a pod's: frames of WebSocket, the first byte the channel (data, or an error in
 * words), and the port as each channel's first two bytes (kubelet, v4.channel.k8s.io). Answers without forwarding are up to `refuse`.
 */
export async function portForwardServer(
  refuse: (url: URL) => number | undefined = () => undefined,
): Promise<{ readonly url: string; readonly forwards: URL[] } & AsyncDisposable> {
  const server = http.createServer();
  const open = new Set<Duplex>();
  const forwards: URL[] = [];
  server.on("upgrade", (request, socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    const url = new URL(request.url ?? "/", "http://api");
    forwards.push(url);
    const status = refuse(url);
    if (status === 0) return;
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${String(status)} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    const accept = createHash("sha1")
      .update(String(request.headers["sec-websocket-key"]) + MAGIC)
      .digest("base64");
    const head = ["HTTP/1.1 101 Switching Protocols", "upgrade: websocket", "connection: upgrade"];
    socket.write(
      [...head, `sec-websocket-accept: ${accept}`, `sec-websocket-protocol: ${PROTOCOL}`, "", ""].join("\r\n"),
    );
    forward(socket, Number(url.searchParams.get("ports")), open);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${String(portOf(server))}`,
    forwards,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Port a server listens on. */
export function portOf(server: net.Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return address.port;
}

function forward(socket: Duplex, port: number, open: Set<Duplex>): void {
  const number = Buffer.from([port & 0xff, port >> 8]);
  send(socket, DATA, number);
  send(socket, ERROR, number);
  const pod = net.connect(port, "127.0.0.1");
  open.add(pod);
  pod.on("data", (chunk) => {
    send(socket, DATA, chunk);
  });
  pod.on("error", (error) => {
    send(socket, ERROR, Buffer.from(`error forwarding port ${String(port)} to pod: ${error.message}`));
  });
  pod.on("end", () => socket.end(frame(CLOSE, Buffer.from([0x03, 0xe8]))));
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let next = unframed(rest); next !== undefined; next = unframed(rest)) {
      rest = rest.subarray(next.length);
      if (next.opcode === BINARY) pod.write(next.payload.subarray(1));
    }
  });
  socket.on("close", () => pod.destroy());
}

function send(socket: Duplex, channel: number, data: Buffer): void {
  if (!socket.writable) return;
  socket.write(frame(BINARY, Buffer.concat([Buffer.from([channel]), data])));
}

/** A frame as a server sends it, unmasked (RFC 6455, 5.2). */
function frame(opcode: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 2 : 10);
  head[0] = 0x80 | opcode;
  head[1] = payload.length < 126 ? payload.length : 127;
  if (head.length > 2) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

/** The first whole frame of a client, which masks what it sends; undefined when there is none yet. Requests here are short. */
function unframed(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const extended = short === 126 ? 2 : 0;
  if (short === 127) throw new Error("a client's frame of more than 64 KiB");
  if (bytes.length < 2 + extended) return undefined;
  const size = extended === 0 ? short : bytes.readUInt16BE(2);
  const begin = 2 + extended + 4;
  const length = begin + size;
  if (bytes.length < length) return undefined;
  const mask = bytes.subarray(begin - 4, begin);
  const payload = Buffer.from(bytes.subarray(begin, length).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  return { opcode: (bytes[0] ?? 0) & 0x0f, payload, length };
}
