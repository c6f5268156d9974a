import { dirname, posix } from "node:path";

import ts from "typescript";

import type { SourceFile } from "./files.ts";

/** One import of a file. */
export interface Import {
  /** As it is written. */
  readonly path: string;
  /** The file's path below the root, when it is one of the project's. */
  readonly target: string | undefined;
  /** Whether it is loaded only when its place in the code is reached. */
  readonly isLazy: boolean;
}

const solidityImport = /^\s*import\s[^;]*?["']([^"']+)["']\s*;/gm;

/** All that a TypeScript file imports or exports from elsewhere, lazily or not. */
function typescriptImports({ path, text }: SourceFile): { path: string; isLazy: boolean }[] {
  const found: { path: string; isLazy: boolean }[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      found.push({ path: (node.moduleSpecifier as ts.StringLiteral).text, isLazy: false });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteral(argument)) found.push({ path: argument.text, isLazy: true });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return found;
}

/**
 * The imports of a Solidity or TypeScript file.
 *
 * @param file The file.
 * @returns Its imports, in their order.
 */
export function importsOf(file: SourceFile): Import[] {
  const found = file.path.endsWith(".sol")
    ? [...file.text.matchAll(solidityImport)].map(([, path = ""]) => ({ path, isLazy: false }))
    : typescriptImports(file);
  return found.map(({ path, isLazy }) => ({
    path,
    target: path.startsWith(".") ? posix.join(dirname(file.path), path) : undefined,
    isLazy,
  }));
}
