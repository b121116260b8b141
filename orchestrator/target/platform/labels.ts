/** What is installed on a cluster that is not the embedded one, in the order in which it is installed. Each stands by itself. */
export const PLATFORM_PARTS = ["gateway-api", "envoy-gateway", "kuberay"] as const;
export type PlatformPart = (typeof PLATFORM_PARTS)[number];

/** Of everything that zerodrop creates, whatever for. */
const MANAGED_BY = "app.kubernetes.io/managed-by";
/** Of the platform's objects alone; its value is the part. Nothing without both is ever changed or removed. */
const PART = "zerodrop.dev/platform";

/** Selects what the installer has created. */
export const PLATFORM_SELECTOR = `${MANAGED_BY}=zerodrop,${PART}`;

/** Labels of a part's objects. */
export function labelsOfPart(part: PlatformPart): Record<string, string> {
  return { [MANAGED_BY]: "zerodrop", [PART]: part };
}

/** The part that an object is of, by its labels; undefined for what the installer has not created. */
export function partOf(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  return labels?.[PART];
}

/** Whether the installer has created an object with these labels. */
export function isPlatforms(labels: Readonly<Record<string, string>> | undefined): boolean {
  return labels?.[MANAGED_BY] === "zerodrop" && labels[PART] !== undefined;
}
