import { isPublic } from "../fetch/addresses.ts";

/** An image's name, as the grammar of distribution's references takes it apart. */
export interface ImageReference {
  /** With its registry: `docker.io/library/nginx` for `nginx`. */
  readonly repository: string;
  /** `latest` where there is neither a tag nor a digest. */
  readonly tag: string | undefined;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string | undefined;
}

const LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = new RegExp(`^(?<host>${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::(?<port>[0-9]+))?$`);
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** Characters that a repository with its registry may have. */
const MAX_NAME = 255;

/** Splits at the last occurrence of a separator, if there is one. */
function split(text: string, at: number): [string, string | undefined] {
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** A first part with a dot or a port, or `localhost`, is a registry; without one it is Docker Hub's. */
function registryOf(name: string): [registry: string, path: string] {
  const [first, rest] = split(name, name.indexOf("/"));
  if (rest !== undefined && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase())) {
    return [first === "index.docker.io" ? "docker.io" : first, rest];
  }
  return ["docker.io", name];
}

/** Whether a host is written as an address, in one of the forms that resolvers know, such as 127.1 and 0x7f000001. */
const isNumeric = (host: string): boolean => /^(?:.*\.)?(?:\d+|0x[0-9a-f]*)$/i.test(host);

/** Whether the provider's machine may be sent to a registry: to no address that is not public, and to no port of its own. */
function isReachable(registry: string): boolean {
  const { host, port } = DOMAIN.exec(registry)?.groups ?? {};
  if (host === undefined || Number(port ?? 443) > 65_535) return false;
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (address !== host || isNumeric(host)) return isPublic(address);
  return host.toLowerCase() !== "localhost" || port === undefined;
}

/** A repository with its registry, where the name is one that may be asked for. */
function repositoryOf(name: string): string | undefined {
  const [registry, path] = registryOf(name);
  const full = registry === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  const repository = `${registry}/${full}`;
  const isForm = full.split("/").every((part) => COMPONENT.test(part)) && repository.length <= MAX_NAME;
  return isForm && isReachable(registry) ? repository : undefined;
}

/**
 * Takes an image's name apart. `localhost/name` is an image of the provider's machine, which no registry has.
 *
 * @returns Undefined where it is none, or its registry is an address that is not public.
 */
export function parseImage(text: string): ImageReference | undefined {
  const [named, digest] = split(text, text.indexOf("@"));
  const colon = named.lastIndexOf(":");
  const [name, tag] = split(named, colon > named.lastIndexOf("/") ? colon : -1);
  if (!TAG.test(tag ?? "latest") || (digest !== undefined && !DIGEST.test(digest))) return undefined;
  const repository = repositoryOf(name);
  if (repository === undefined) return undefined;
  return { repository, tag: tag ?? (digest === undefined ? "latest" : undefined), digest };
}

/** An image's name written out. */
export function writeImage({ repository, tag, digest }: ImageReference): string {
  return digest === undefined ? `${repository}:${tag ?? "latest"}` : `${repository}@${digest}`;
}
