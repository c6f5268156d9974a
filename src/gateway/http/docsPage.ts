import { createHash } from "node:crypto";

/** What is shown of an OpenAPI document. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name?: string; readonly in?: string; readonly description?: string }[];
  readonly requestBody?: unknown;
  readonly responses?: Readonly<Record<string, { readonly description?: string }>>;
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
code, pre { font-family: ui-monospace, monospace; font-size: .9em }
pre { overflow-x: auto; padding: .5rem; border: 1px solid #8886; border-radius: 4px }
section { border-top: 1px solid #8886; padding: .5rem 0 }
h2 code { font-weight: 600 }
td, th { text-align: left; vertical-align: top; padding-right: 1rem }
`;

/** The page runs no script and loads nothing. */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("")}</tr>`;
  return `<table>${line("th", head)}${rows.map((row) => line("td", row)).join("")}</table>`;
}

function section(method: string, path: string, operation: Operation): string {
  const { summary, description, parameters = [], requestBody, responses = {} } = operation;
  const texts = [summary, ...(description ?? "").split("\n\n")].filter((text) => text !== undefined && text !== "");
  return [
    `<section><h2><code>${escape(method.toUpperCase())} ${escape(path)}</code></h2>`,
    ...texts.map((text) => `<p>${escape(text ?? "")}</p>`),
    table(
      ["Parameter", "In", ""],
      parameters.map((each) => [each.name ?? "", each.in ?? "", each.description ?? ""]),
    ),
    requestBody === undefined
      ? ""
      : `<details><summary>Body</summary><pre>${escape(JSON.stringify(requestBody, null, 2))}</pre></details>`,
    table(
      ["Answer", ""],
      Object.entries(responses).map(([status, { description: text }]) => [status, text ?? ""]),
    ),
    "</section>",
  ].join("");
}

/** The API's reference as one page of HTML, made of its OpenAPI document. */
export function docsPage({ info, paths = {} }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(method, path, operation as Operation)),
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(info.title)}</title><meta name="viewport" content="width=device-width"><style>${STYLE}</style></head><body><h1>${escape(info.title)} ${escape(info.version)}</h1><p>${escape(info.description ?? "")}</p><p>As data: <a href="/openapi.json">/openapi.json</a></p>${operations.join("")}</body></html>`;
}
