/**
 * What a terminal obeys or hides instead of showing it: control characters (with them its escape sequences), marks that turn the
 * direction of writing, what has no width, blanks other than the space, and what is no character.
 */
const UNSHOWN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

/** A text from anywhere, such that a terminal shows it on one line as it is: what it would obey or hide stands there by its number. */
export function escapeText(text: string): string {
  return text.replace(UNSHOWN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same for a JSON document, in JSON's own escapes: whoever parses it gets exactly what was there. */
export function escapeJson(json: string): string {
  return json.replace(UNSHOWN, (char) => (char === "\n" ? char : unitsOf(char).map(escapeUnit).join("")));
}

/** The UTF-16 units of a character, as JSON counts. */
const unitsOf = (char: string): number[] => Array.from({ length: char.length }, (_, i) => char.charCodeAt(i));
const escapeUnit = (unit: number): string => `\\u${unit.toString(16).padStart(4, "0")}`;
