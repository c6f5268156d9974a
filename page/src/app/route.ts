import { computed, signal } from "@preact/signals";

/** Where the page is: a path such as `node/12`, and what is chosen there, so that a URL shows somebody else the same. */
export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter((part) => part !== ""), query: new URLSearchParams(query) };
}

const current = signal(parse(location.hash));
addEventListener("hashchange", () => {
  current.value = parse(location.hash);
});

/** Where the page is now. The path lies in the URL's hash, so that any web server can serve the page. */
export const route = computed(() => current.value);

/** The URL of a place on the page. */
export function href(path: string, query: Readonly<Record<string, string>> = {}): string {
  const given = new URLSearchParams(query).toString();
  return `#/${path}${given === "" ? "" : `?${given}`}`;
}

/** Goes to a place on the page. */
export function go(path: string, query: Readonly<Record<string, string>> = {}): void {
  location.hash = href(path, query);
}

/** Changes what is chosen at this place; undefined takes a choice back. It is no step that the browser goes back by. */
export function choose(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = current.value;
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") next.delete(name);
    else next.set(name, value);
  }
  history.replaceState(null, "", href(path.join("/"), Object.fromEntries(next)));
  current.value = parse(location.hash);
}

/** The id that a place is of, such as 12 in `node/12`; undefined where it is none. */
export function idOf({ path }: Route, place = 1): bigint | undefined {
  const text = path[place] ?? "";
  return /^[1-9]\d{0,18}$/.test(text) ? BigInt(text) : undefined;
}
