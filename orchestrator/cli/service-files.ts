import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parseAllDocuments, stringify } from "yaml";
import { z } from "zod";
import { bundleScript } from "../load/bundle.ts";
import { isDeeper } from "../plan/depth.ts";
import { UsageError } from "../plan/errors.ts";
import { jsonSchema, type Json } from "../plan/json-patch.ts";
import { refuseBeyondOperator, refuseGatewayObjects } from "../plan/operator-limits.ts";
import { specFactsOf, upgradedSpec, type SpecFacts } from "../plan/own-spec.ts";
import type { OwnService } from "../plan/own-service.ts";
import type { Entry, OwnRequest, OwnUpgrade } from "../plan/service.ts";
import type { RequestConfig, ServiceConfig } from "../plan/service-config.ts";
import { MOST_LEVELS, reasonOf as yamlReasonOf } from "../plan/yaml-input.ts";
import { reasonOf } from "./reason.ts";

/** Where a configuration's files are looked for, and how it is called in errors. */
interface From {
  readonly configFile: string;
  readonly cwd: string;
}

const record = z.record(z.string(), jsonSchema);
type Manifest = z.infer<typeof record>;
const nameSchema = z.looseObject({ metadata: z.looseObject({ name: z.string().catch("") }).catch({ name: "" }) });
const rayServiceSchema = z.looseObject({
  apiVersion: z.literal("ray.io/v1"),
  kind: z.literal("RayService"),
  metadata: z.looseObject({ name: z.string().min(1) }),
  spec: record,
});

/** What is read of a RayService that runs already. */
interface Running {
  readonly spec: Json;
  readonly annotations?: Readonly<Record<string, string>>;
}

const metadataSchema = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).optional().catch(undefined) }),
});

/**
 * The user's application as a configuration names it, with all its files read and its scenarios bundled. `running` reads the RayService where it is one that
 * runs already.
 *
 * @throws UsageError, one sentence, for a file that cannot be read or is not what it should be, for an upgrade that does not fit, and for what
 * the operator could not do.
 */
export async function readService(
  config: ServiceConfig,
  from: From,
  running: (service: { readonly namespace: string; readonly name: string }) => Promise<Running>,
): Promise<OwnService> {
  const at = (key: string): string => `${from.configFile}: service.${key}`;
  const file = (name: string, what: string): Promise<string> => readBeside(name, at(what), from);
  const requests = await Promise.all(config.requests.map((request) => requestOf(request, from)));
  const entry = config.entry && (await entryOf(config.entry, (name) => file(name, "entry.authority")));
  const { upgrade, besideIt } = await upgradeOf(config.upgrade, file, at);
  const common = { upgrade, tells: config.response, requests, ...(entry && { entry }) };
  const given = { versions: config.versions, requests: config.requests };
  if (config.running !== undefined) {
    if (besideIt.length > 0) {
      throw new UsageError(
        `${at("upgrade.manifest")} must have the RayService alone for a service that runs already; received ${besideIt.length} more objects, which are yours to create.`,
      );
    }
    const { namespace, name } = config.running;
    const { spec, annotations } = await running(config.running);
    const after = requireUpgrade(spec, upgrade, at("upgrade"));
    refuseBeyondOperator(
      { ...(annotations && { annotations }), before: spec, after },
      { before: at("running"), after: at("upgrade") },
    );
    return { ...given, service: common, namespace, name, facts: specFactsOf(spec), manifests: undefined };
  }
  const { rayService, name, beside } = manifestOf(await file(config.manifest ?? "", "manifest"), at("manifest"));
  const spec = rayService["spec"] ?? null;
  const after = requireUpgrade(spec, upgrade, at("upgrade"));
  const { annotations } = metadataSchema.parse(rayService).metadata;
  refuseGatewayObjects(beside, at("manifest"));
  refuseGatewayObjects(besideIt, at("upgrade.manifest"));
  refuseBeyondOperator(
    { name, ...(annotations && { annotations }), before: spec, after },
    { before: at("manifest"), after: at("upgrade") },
  );
  return {
    ...given,
    service: { rayService, ...common },
    namespace: undefined,
    name,
    facts: factsOf(spec, at("manifest")),
    manifests: manifestsOf(together(beside, besideIt, at("upgrade.manifest"))),
  };
}

function factsOf(spec: Json, what: string): SpecFacts {
  try {
    return specFactsOf(spec);
  } catch (error) {
    const reason = error instanceof z.ZodError ? (error.issues[0]?.path.join(".") ?? "") : reasonOf(error);
    throw new UsageError(
      `${what}: the RayService's upgradeStrategy must be as the operator takes it; received one of which ${reason} is not.`,
    );
  }
}

async function readBeside(name: string, what: string, { configFile, cwd }: From): Promise<string> {
  const path = resolve(cwd, dirname(configFile), name);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(
      `${what} must be a file that can be read, from the configuration's folder; received ${reasonOf(error)} for "${path}".`,
    );
  }
}

/** The RayService in a manifest, and the objects beside it. */
function manifestOf(text: string, what: string): { rayService: Manifest; name: string; beside: Manifest[] } {
  const objects = parseAllDocuments(text, { logLevel: "error" }).flatMap((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) {
      throw new UsageError(`${what} must be YAML; received text that is not (${yamlReasonOf(problem)}).`);
    }
    if (document.contents === null) return [];
    let data: unknown;
    try {
      data = document.toJS();
    } catch (error) {
      throw new UsageError(`${what} must be YAML; received text that is not (${yamlReasonOf(error)}).`);
    }
    const object = isDeeper(data, MOST_LEVELS) ? undefined : record.safeParse(data).data;
    if (object === undefined) throw new UsageError(`${what} must have objects only; received a document that is none.`);
    return [object];
  });
  const services = objects.filter(({ kind }) => kind === "RayService");
  const [rayService] = services;
  if (rayService === undefined || services.length > 1) {
    throw new UsageError(
      `${what} must have one RayService; received ${services.length === 0 ? "none" : String(services.length)}.`,
    );
  }
  const parsed = rayServiceSchema.safeParse(rayService);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(
      `${what} must have a RayService of ray.io/v1 with a name and a spec; received one of which ${issue?.path.join(".") ?? ""} is not as it must be.`,
    );
  }
  const secret = objects.find(({ kind }) => kind === "Secret");
  if (secret !== undefined) {
    throw new UsageError(
      `${what} must have no Secret, for a recording keeps the manifest; received one (a service that runs already has its own: service.running).`,
    );
  }
  return { rayService, name: parsed.data.metadata.name, beside: objects.filter((object) => object !== rayService) };
}

async function upgradeOf(
  upgrade: ServiceConfig["upgrade"],
  file: (name: string, what: string) => Promise<string>,
  at: (key: string) => string,
): Promise<{ readonly upgrade: OwnUpgrade; readonly besideIt: readonly Manifest[] }> {
  if (!("manifest" in upgrade)) return { upgrade, besideIt: [] };
  const { rayService, beside } = manifestOf(await file(upgrade.manifest, "upgrade.manifest"), at("upgrade.manifest"));
  return { upgrade: { spec: rayServiceSchema.parse(rayService).spec }, besideIt: beside };
}

/** What is beside the RayService in either manifest. All of it is there before the run: what a pod has mounted must not change below it. */
function together(first: readonly Manifest[], second: readonly Manifest[], what: string): Manifest[] {
  const idOf = (object: Manifest): string => JSON.stringify([object["kind"], nameSchema.parse(object).metadata.name]);
  const known = new Map(first.map((object) => [idOf(object), object]));
  for (const object of second) {
    const other = known.get(idOf(object));
    if (other !== undefined && !isDeepStrictEqual(other, object)) {
      throw new UsageError(
        `${what}: an object beside the RayService must be as in the first manifest or have another name, for the pods that serve have it already; received another ${String(object["kind"])} ${nameSchema.parse(object).metadata.name}.`,
      );
    }
    known.set(idOf(object), object);
  }
  return [...known.values()];
}

function manifestsOf(objects: readonly Manifest[]): string | undefined {
  return objects.length === 0 ? undefined : objects.map((object) => stringify(object)).join("---\n");
}

/** The spec that the upgrade makes. */
function requireUpgrade(spec: Json, upgrade: OwnUpgrade, what: string): Json {
  let after: Json;
  try {
    after = upgradedSpec(spec, upgrade);
  } catch (error) {
    throw new UsageError(`${what} must fit the RayService's spec; received one that does not: ${reasonOf(error)}`);
  }
  if (JSON.stringify(after) === JSON.stringify(spec)) {
    throw new UsageError(`${what} must change the RayService's spec; received one after which it is the same.`);
  }
  return after;
}

async function entryOf(
  { url, host, address, authority }: NonNullable<ServiceConfig["entry"]>,
  file: (name: string) => Promise<string>,
): Promise<Entry> {
  return {
    url,
    ...(host === undefined ? {} : { host }),
    ...(address === undefined ? {} : { address }),
    ...(authority === undefined ? {} : { authority: await file(authority) }),
  };
}

async function requestOf(request: RequestConfig, { configFile, cwd }: From): Promise<OwnRequest> {
  const { name, method = "POST", path = "/", headers = {}, expect = {}, stream, script } = request;
  const { status = 200, contains, json } = expect;
  const hasType = Object.keys(headers).some((header) => header.toLowerCase() === "content-type");
  const type = request.json !== undefined && !hasType ? { "Content-Type": "application/json" } : {};
  return {
    name,
    method,
    path,
    headers: { ...headers, ...type },
    body: request.json === undefined ? (request.body ?? null) : JSON.stringify(request.json),
    expect: { status, ...(contains === undefined ? {} : { contains }), ...(json === undefined ? {} : { json }) },
    ...(stream === undefined ? {} : { stream }),
    freshConnection: request.connection === "new",
    session: request.session ?? false,
    ...(request.env === undefined ? {} : { env: request.env }),
    ...(script === undefined ? {} : { script: await bundleScript(resolve(cwd, dirname(configFile), script)) }),
  };
}
