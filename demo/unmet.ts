/** Something in the demo is not as it must be. */
export class Unmet extends Error {
  override readonly name = "Unmet";
}

/**
 * Makes sure that a number or text is what it must be.
 *
 * @throws {Unmet} When it is not, with both.
 */
export function mustEqual<T extends bigint | number | string | boolean>(what: string, actual: T, expected: T): void {
  if (actual !== expected) throw new Unmet(`${what}: expected ${expected.toString()}, found ${actual.toString()}`);
}

/**
 * Makes sure that something holds.
 *
 * @throws {Unmet} When it does not.
 */
export function must(what: string, holds: boolean): void {
  if (!holds) throw new Unmet(`Expected that ${what}`);
}
