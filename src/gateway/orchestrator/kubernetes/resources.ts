/** Kinds of objects that an order's namespace has, by where the API has them. */
export const COLLECTIONS = {
  Deployment: "/apis/apps/v1/{}/deployments",
  StatefulSet: "/apis/apps/v1/{}/statefulsets",
  Job: "/apis/batch/v1/{}/jobs",
  Service: "/api/v1/{}/services",
  ConfigMap: "/api/v1/{}/configmaps",
  Secret: "/api/v1/{}/secrets",
  PersistentVolumeClaim: "/api/v1/{}/persistentvolumeclaims",
  ResourceQuota: "/api/v1/{}/resourcequotas",
  LimitRange: "/api/v1/{}/limitranges",
  NetworkPolicy: "/apis/networking.k8s.io/v1/{}/networkpolicies",
} as const;

/** A kind of object that an order's namespace has. */
export type Kind = keyof typeof COLLECTIONS;

const VERSIONS: Readonly<Record<string, string>> = {
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  Job: "batch/v1",
  NetworkPolicy: "networking.k8s.io/v1",
};

/** Where the objects of a kind are, in a namespace or in all. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const place = namespace === undefined ? "" : `namespaces/${encodeURIComponent(namespace)}/`;
  return COLLECTIONS[kind].replace("{}/", place);
}

/** Where an object is. */
export function objectPath(kind: Kind, namespace: string, name: string): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}

/** Where a namespace is. */
export function namespacePath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
}

/** An object of an order's namespace, before it is sent. */
export interface NewObject {
  readonly kind: Kind;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What it has besides: `spec`, `data`. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** The object as the API takes it. */
export function bodyOf(namespace: string, { kind, name, labels, annotations, content }: NewObject): object {
  return {
    apiVersion: VERSIONS[kind] ?? "v1",
    kind,
    metadata: { name, namespace, labels, ...(annotations === undefined ? {} : { annotations }) },
    ...content,
  };
}
