import assert from "node:assert/strict";
import { test } from "node:test";
import { SetUpError, UsageError } from "../../plan/errors.ts";
import { assertOneSentence } from "../../plan/testing/one-sentence.ts";
import { requirementsOf, type Wanted } from "../context/requirements.ts";
import type { Crd, GatewayClass, Survey, Told } from "../context/survey.ts";
import { lackingParts, surveyAfter } from "./lacking.ts";

const known = <T>(value: T): Told<T> => ({ known: true, value });
const hidden = { known: false, why: "list Deployment: Forbidden (403)" } as const;
const EG: GatewayClass = { name: "eg", controller: "gateway.envoyproxy.io/gatewayclass-controller", accepted: true };
const CRD: Crd = { served: ["v1"], bundle: null, upgradesIncrementally: true };
const OPERATOR = {
  ...{ deployment: "ray-system/kuberay-operator", image: "operator:v1.6.2", version: "1.6.2" },
  ...{ gate: true, available: 1 },
};
const WHOLE: Survey = {
  ...{ server: "https://api", kubernetes: known("v1.35.4"), lacking: known([]), namespace: known("free") },
  ...{ rayService: known(CRD), httpRoute: known(CRD), operators: known([OPERATOR]), gatewayClasses: known([EG]) },
  ...{ room: known({ nodes: 1, cpus: 8, memoryGiB: 16 }), quotas: known([]) },
};
const BARE: Survey = {
  ...WHOLE,
  ...{ rayService: known(null), httpRoute: known(null), operators: known([]), gatewayClasses: known([]) },
};
const WANTED: Wanted = { namespace: "zerodrop", gatewayClass: undefined, loadImage: "k6:1" };
const lacking = (survey: Partial<Survey>, wanted: Partial<Wanted> = {}): string[] =>
  lackingParts({ ...WHOLE, ...survey }, { ...WANTED, ...wanted });

test("only parts that are lacking are installed (defect: an operator over one that works)", () => {
  assert.deepEqual(lacking({}), []);
  assert.deepEqual(lacking(BARE), ["gateway-api", "envoy-gateway", "kuberay"]);
  assert.deepEqual(lacking({ operators: known([]) }), ["kuberay"]);
  assert.deepEqual(lacking({ rayService: known({ ...CRD, upgradesIncrementally: false }) }), ["kuberay"]);
  assert.deepEqual(lacking({ operators: known([{ ...OPERATOR, gate: null }]) }), ["kuberay"]);
  assert.deepEqual(lacking({ gatewayClasses: known([]) }), ["envoy-gateway"]);
  assert.deepEqual(lacking({ gatewayClasses: known([{ ...EG, accepted: false }]) }), ["envoy-gateway"]);
  // Another version than ours that does what a run needs is nobody's business.
  assert.deepEqual(lacking({ operators: known([{ ...OPERATOR, version: "1.5.1" }]) }), []);
  // Not installable: what a run needs beside the platform.
  assert.deepEqual(lacking({ namespace: known("taken") }, { loadImage: undefined }), []);
});

test("where several classes would do, the user names one and none is added", () => {
  const two = known([EG, { ...EG, name: "istio", controller: "istio.io/gateway-controller" }]);
  assert.deepEqual(lacking({ gatewayClasses: two }), []);
  assert.deepEqual(lacking({ gatewayClasses: two }, { gatewayClass: "zerodrop" }), ["envoy-gateway"]);
});

test("a class that the installer does not bring, and what may not be looked at, are refused in one sentence", () => {
  const refused: readonly (readonly [
    survey: Partial<Survey>,
    wanted: Partial<Wanted>,
    error: typeof UsageError | typeof SetUpError,
    says: string,
  ])[] = [
    [{}, { gatewayClass: "nginx" }, UsageError, '"nginx"'],
    [{ operators: hidden }, {}, SetUpError, "KubeRay operator: list Deployment: Forbidden (403)"],
  ];
  for (const [survey, wanted, error, says] of refused) {
    assert.throws(
      () => lacking(survey, wanted),
      (thrown) => {
        assert.ok(thrown instanceof error);
        assertOneSentence(thrown.message);
        return thrown.message.includes(says);
      },
    );
  }
});

test("a dry run plans with what will be there (defect: a plan of a cluster as it was before)", () => {
  const after = surveyAfter(BARE, lackingParts(BARE, WANTED));
  assert.deepEqual(
    requirementsOf(after, WANTED).filter(({ state }) => state !== "met"),
    [],
  );
  assert.deepEqual(surveyAfter(WHOLE, []), WHOLE);
  const beside = surveyAfter({ ...WHOLE, gatewayClasses: known([{ ...EG, accepted: false }]) }, ["envoy-gateway"]);
  assert.deepEqual(beside.gatewayClasses.known && beside.gatewayClasses.value.map(({ name }) => name), [
    "eg",
    "zerodrop",
  ]);
});
