import { z } from "zod";
import type { SpecPatch } from "./steps.ts";

/** Any JSON value, as it comes from outside. */
export const jsonSchema = z.json();
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [name: string]: Json;
}

/**
 * A document after JSON Patch operations (RFC 6902: add, replace, remove; paths as RFC 6901 has them), applied in order. The document given is not
 * changed. Throws an Error, one sentence, for the first operation whose place is not there; then nothing of the result is to be used.
 */
export function patched(document: Json, operations: readonly SpecPatch[]): Json {
  return operations.reduce((value, operation) => {
    const pointer = tokensOf(operation.path);
    if (pointer === undefined) throw new Error(`"${operation.path}" is no JSON pointer.`);
    const result = changed(value, pointer, operation);
    if (result === undefined) throw new Error(`There is nothing to ${operation.op} at ${operation.path}.`);
    return result;
  }, document);
}

/** The value at a JSON pointer; undefined where there is none. */
function valueAt(document: Json | undefined, [token, ...rest]: readonly string[]): Json | undefined {
  if (token === undefined || document === undefined) return document;
  if (isList(document)) return valueAt(document[indexOf(token) ?? -1], rest);
  return isObject(document) && Object.hasOwn(document, token) ? valueAt(document[token], rest) : undefined;
}

/** Reference tokens of a pointer, unescaped; undefined where it is none. */
function tokensOf(pointer: string): string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return undefined;
  // In this order: "~01" is "~1" and no slash.
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The value with the operation done below it; undefined where its place is not there. */
function changed(value: Json, [token, ...rest]: readonly string[], operation: SpecPatch): Json | undefined {
  // The whole document: it can be replaced, and there is nothing that it could be removed from.
  if (token === undefined) return operation.op === "remove" ? undefined : operation.value;
  if (rest.length === 0) return isList(value) ? inList(value, token, operation) : inObject(value, token, operation);
  const child = valueAt(value, [token]);
  const result = child === undefined ? undefined : changed(child, rest, operation);
  if (result === undefined) return undefined;
  if (isList(value)) return value.with(indexOf(token) ?? 0, result);
  return isObject(value) ? { ...value, ...own(token, result) } : undefined;
}

function inList(list: readonly Json[], token: string, operation: SpecPatch): Json | undefined {
  const index = token === "-" ? list.length : indexOf(token);
  const last = operation.op === "add" ? list.length : list.length - 1;
  if (index === undefined || index > last) return undefined;
  switch (operation.op) {
    case "add":
      return list.toSpliced(index, 0, operation.value);
    case "replace":
      return list.with(index, operation.value);
    case "remove":
      return list.toSpliced(index, 1);
  }
}

function inObject(value: Json, token: string, operation: SpecPatch): Json | undefined {
  if (!isObject(value)) return undefined;
  if (operation.op !== "add" && !Object.hasOwn(value, token)) return undefined;
  if (operation.op !== "remove") return { ...value, ...own(token, operation.value) };
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== token));
}

/** An object with this member alone, also where its name is that of a setter. */
function own(name: string, value: Json): JsonObject {
  return Object.fromEntries([[name, value]]);
}

/** An index of an array: digits without a leading zero. */
function indexOf(token: string): number | undefined {
  return /^(0|[1-9][0-9]*)$/.test(token) ? Number(token) : undefined;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}
