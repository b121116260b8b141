import { z } from "zod";

/**
 * Parts of a configuration's schema. Every leaf's error message is what was EXPECTED there, as the second half of "KEY must be …", so that one sentence
 * can be made of it. All may be left out.
 */
export const above0 = (error: string, most: number) =>
  z.number({ error }).gt(0, { error }).max(most, { error }).optional();
export const between = (error: string, least: number, most: number) =>
  z.number({ error }).min(least, { error }).max(most, { error }).optional();
export const whole = (what: string, most: number) => {
  const error = `a whole number of ${what} from 1 to ${most}`;
  return z.number({ error }).int({ error }).min(1, { error }).max(most, { error }).optional();
};
/** One word. */
export const text = (expected: string) => z.string({ error: expected }).regex(/^\S+$/, { error: expected }).optional();
/** A group of keys. */
export const group = <Shape extends z.core.$ZodLooseShape>(description: string, shape: Shape) =>
  z.strictObject(shape, { error: "a group of keys" }).optional().meta({ description });

/** Ten days: longer than any run, and far within what a timer can wait. */
export const MOST_SECONDS = 864_000;
