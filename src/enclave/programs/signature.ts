/** A number's type. */
export type ValueType = "i32" | "i64" | "f32" | "f64";

/** The types of numbers, by their bytes. */
export const NUMERIC: ReadonlyMap<number, ValueType> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
]);

/** What a function takes and gives. */
export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
}

/** A signature in words: `i32 i32 -> f64`. */
export const spelled = ({ parameters, result }: Signature): string => `${parameters.join(" ")} -> ${result ?? ""}`;
