import { generateKeyPairSync } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { ADDRESSES, NODE_NAME } from "./layout.ts";
import { host } from "./processes.ts";

/** Longer than any cluster of this kind lives; it is made anew by every `up`. */
const DAYS = "365";

interface Subject {
  readonly file: string;
  readonly commonName: string;
  readonly organization?: string;
  readonly alternativeNames?: readonly string[];
  readonly usage: "serverAuth" | "clientAuth";
}

const CLIENTS = {
  admin: { commonName: "zerodrop-admin", organization: "system:masters" },
  "controller-manager": { commonName: "system:kube-controller-manager" },
  scheduler: { commonName: "system:kube-scheduler" },
  kubelet: { commonName: `system:node:${NODE_NAME}`, organization: "system:nodes" },
  "kube-proxy": { commonName: "system:kube-proxy" },
  "apiserver-kubelet-client": { commonName: "kube-apiserver-kubelet-client", organization: "system:masters" },
} as const;

const SERVERS: readonly Subject[] = [
  {
    file: "apiserver",
    commonName: "kube-apiserver",
    usage: "serverAuth",
    alternativeNames: [
      "DNS:kubernetes",
      "DNS:kubernetes.default",
      "DNS:kubernetes.default.svc",
      "DNS:kubernetes.default.svc.cluster.local",
      "DNS:localhost",
      `IP:${ADDRESSES.apiService}`,
      `IP:${ADDRESSES.node}`,
      "IP:127.0.0.1",
    ],
  },
  {
    file: "kubelet-server",
    commonName: NODE_NAME,
    usage: "serverAuth",
    alternativeNames: [`DNS:${NODE_NAME}`, `IP:${ADDRESSES.node}`],
  },
];

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

async function issue(directory: string, subject: Subject): Promise<void> {
  const organization = subject.organization === undefined ? "" : `/O=${subject.organization}`;
  const names = subject.alternativeNames;
  await host(
    "openssl",
    "req",
    "-x509",
    "-CA",
    join(directory, "ca.crt"),
    "-CAkey",
    join(directory, "ca.key"),
    ...KEY,
    "-days",
    DAYS,
    "-subj",
    `${organization}/CN=${subject.commonName}`,
    "-addext",
    "basicConstraints=critical,CA:FALSE",
    "-addext",
    `extendedKeyUsage=${subject.usage}`,
    ...(names === undefined ? [] : ["-addext", `subjectAltName=${names.join(",")}`]),
    "-keyout",
    join(directory, `${subject.file}.key`),
    "-out",
    join(directory, `${subject.file}.crt`),
  );
}

async function kubeconfig(directory: string, client: string): Promise<string> {
  const data = async (file: string): Promise<string> => (await readFile(join(directory, file))).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "zerodrop",
    clusters: [
      {
        name: "zerodrop",
        cluster: {
          server: `https://${ADDRESSES.node}:6443`,
          "certificate-authority-data": await data("ca.crt"),
        },
      },
    ],
    contexts: [{ name: "zerodrop", context: { cluster: "zerodrop", user: client } }],
    users: [
      {
        name: client,
        user: {
          "client-certificate-data": await data(`${client}.crt`),
          "client-key-data": await data(`${client}.key`),
        },
      },
    ],
  });
}

/**
 * Makes the cluster's certificate authority, every daemon's certificate and kubeconfig, and the key that signs service
 * account tokens, under `directory`; the administrator's kubeconfig goes to `adminKubeconfig`. All readable by root only.
 */
export async function createPki(directory: string, adminKubeconfig: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await host(
    "openssl",
    "req",
    "-x509",
    ...KEY,
    "-days",
    DAYS,
    "-subj",
    "/CN=zerodrop",
    "-addext",
    "keyUsage=critical,keyCertSign,digitalSignature",
    "-keyout",
    join(directory, "ca.key"),
    "-out",
    join(directory, "ca.crt"),
  );
  const clients = Object.entries(CLIENTS).map(([file, subject]) => ({
    file,
    usage: "clientAuth" as const,
    ...subject,
  }));
  await Promise.all([...SERVERS, ...clients].map((subject) => issue(directory, subject)));
  for (const { file } of clients) {
    const path = file === "admin" ? adminKubeconfig : join(directory, `${file}.kubeconfig`);
    await writeFile(path, await kubeconfig(directory, file), { mode: 0o600 });
  }
  const signer = generateKeyPairSync("ec", {
    namedCurve: "prime256v1",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "sec1", format: "pem" },
  });
  await writeFile(join(directory, "service-account.key"), signer.privateKey, { mode: 0o600 });
  await writeFile(join(directory, "service-account.pub"), signer.publicKey);
}
