import { z } from "zod";
import { read, readOnce, type Reading } from "./reading.ts";

const endpointSliceSchema = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }),
  endpoints: z
    .array(
      z.object({
        addresses: z.array(z.string()).nullish(),
        conditions: z.object({ ready: z.boolean().nullish() }).nullish(),
        targetRef: z.object({ name: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
});

export interface EndpointSliceView {
  /** Service the endpoints belong to; empty when the slice belongs to none. */
  readonly service: string;
  /** Ready endpoints, by pod name, or address where there is no pod. */
  readonly ready: readonly string[];
  /** Addresses of all endpoints, ready or not. */
  readonly addresses: readonly string[];
}

/** An endpoint without a `ready` condition counts as ready, as discovery.k8s.io/v1 says ("nil should be interpreted as true"). */
export const readEndpointSlice = readOnce((object): Reading<EndpointSliceView> => {
  const reading = read(endpointSliceSchema, object);
  if (!reading.ok) return reading;
  const { metadata, endpoints } = reading.view;
  return {
    ok: true,
    view: {
      service: metadata.labels?.["kubernetes.io/service-name"] ?? "",
      ready: (endpoints ?? [])
        .filter((endpoint) => endpoint.conditions?.ready !== false)
        .map((endpoint) => endpoint.targetRef?.name ?? endpoint.addresses?.[0] ?? ""),
      addresses: (endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []),
    },
  };
});
