import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { bundleScript } from "../load/bundle.ts";
import { UsageError } from "../plan/errors.ts";
import type { Json } from "../plan/json-patch.ts";
import { refuseBeyondOperator, refuseGatewayObjects } from "../plan/operator-limits.ts";
import { specFactsOf, upgradedSpec, type SpecFacts } from "../plan/own-spec.ts";
import type { OwnService } from "../plan/own-service.ts";
import type { Entry, OwnRequest, OwnUpgrade } from "../plan/service.ts";
import type { RequestConfig, ServiceConfig } from "../plan/service-config.ts";
import { reasonOf } from "./reason.ts";
import { manifestOf, manifestsOf, rayServiceSchema, together, type Manifest } from "./service-manifest.ts";

/** Where a configuration's files are looked for, and how it is called in errors. */
interface From {
  readonly configFile: string;
  readonly cwd: string;
}

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
    return { ...given, service: common, namespace, name, facts: factsOf(spec, at("running")), manifests: undefined };
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

async function upgradeOf(
  upgrade: ServiceConfig["upgrade"],
  file: (name: string, what: string) => Promise<string>,
  at: (key: string) => string,
): Promise<{ readonly upgrade: OwnUpgrade; readonly besideIt: readonly Manifest[] }> {
  if (!("manifest" in upgrade)) return { upgrade, besideIt: [] };
  const { rayService, beside } = manifestOf(await file(upgrade.manifest, "upgrade.manifest"), at("upgrade.manifest"));
  return { upgrade: { spec: rayServiceSchema.parse(rayService).spec }, besideIt: beside };
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
