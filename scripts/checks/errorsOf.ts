import type { SourceFile } from "./files.ts";

/** An error that is declared, and where. */
export interface DeclaredError {
  readonly path: string;
  readonly name: string;
}

/** All errors that contracts, interfaces and libraries declare; mocks refuse what they like. */
export function declaredErrors(contracts: readonly SourceFile[]): DeclaredError[] {
  return contracts
    .filter(({ path }) => !path.startsWith("contracts/mocks/"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^\s*error\s+(\w+)\(/gm)].map((match) => ({ path, name: match[1] ?? "" })),
    );
}

/** The errors that no test names, a line each: every documented failure has a test. */
export function untestedErrors(declared: readonly DeclaredError[], tests: readonly SourceFile[]): string[] {
  const tested = new Set(tests.flatMap(({ text }) => text.match(/\b[A-Z]\w+\b/g) ?? []));
  return declared.filter(({ name }) => !tested.has(name)).map(({ path, name }) => `${path}: no test provokes ${name}`);
}
