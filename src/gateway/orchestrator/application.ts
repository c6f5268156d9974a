/** What one container asks for and may never exceed: requests equal limits. */
export interface Resources {
  /** Thousandths of a CPU core. */
  readonly milliCpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly gpus: number;
}

/** A file or variable of a container. */
export type ValueSource =
  | { readonly kind: "text"; readonly value: string }
  /** An entry of a secret that the user has sealed for this order. */
  | { readonly kind: "secret"; readonly secret: string; readonly key: string };

/** A folder in a container. */
export interface Mount {
  /** Absolute path in the container. */
  readonly path: string;
  readonly readOnly: boolean;
  readonly source:
    | { readonly kind: "volume"; readonly volume: string }
    | { readonly kind: "scratch"; readonly sizeLimit: number }
    /** Files by name. */
    | { readonly kind: "files"; readonly files: Readonly<Record<string, ValueSource>> };
}

/** How a container is asked whether it is well. */
export interface Probe {
  readonly action:
    | { readonly kind: "http"; readonly port: number; readonly path: string }
    | { readonly kind: "tcp"; readonly port: number }
    | { readonly kind: "exec"; readonly command: readonly string[] };
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

/** One container of a workload. */
export interface Container {
  readonly name: string;
  /** An image by digest, `repository@sha256:...`. */
  readonly image: string;
  readonly command: readonly string[] | undefined;
  readonly args: readonly string[] | undefined;
  readonly workingDir: string | undefined;
  readonly env: Readonly<Record<string, ValueSource>>;
  readonly mounts: readonly Mount[];
  readonly ports: readonly number[];
  readonly resources: Resources;
  readonly readiness: Probe | undefined;
  readonly liveness: Probe | undefined;
  /** Unprivileged user to run as; the image's own when undefined. */
  readonly runAsUser: number | undefined;
  readonly readOnlyRoot: boolean;
}

/** What runs: a Pod, Deployment, StatefulSet or Job of the manifest. */
export interface Workload {
  readonly kind: "Pod" | "Deployment" | "StatefulSet" | "Job";
  readonly name: string;
  readonly replicas: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  /** Seconds between being told to stop and being killed, at most 30. */
  readonly terminationGraceSeconds: number;
  readonly restart: "Always" | "OnFailure" | "Never";
}

/** A name inside the order's network, and what the gateway proxies to. */
export interface Service {
  readonly name: string;
  /** The workload that its selector finds. */
  readonly workload: string;
  readonly ports: readonly { readonly name: string | undefined; readonly port: number; readonly targetPort: number }[];
  /** Whether anybody may reach it without a token: annotation `computing-power/public: "true"`. */
  readonly isPublic: boolean;
}

/** A volume that outlives its containers: a PersistentVolumeClaim. */
export interface Volume {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * A checked manifest: what the user's documents ask for, with every default written out and every image pinned. Drivers make what they need
 * of it; nothing of the user's text reaches them in another way.
 */
export interface Application {
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly volumes: readonly Volume[];
}

/** An application of an order, as a driver is given it. */
export interface Deployment {
  readonly order: number;
  /**
   * 64 hexadecimal digits that name what runs: what is the same needs no second apply. The manifest's SHA-256; where it uses secrets, the SHA-256
   * of that and their versions.
   */
  readonly revision: string;
  /** The node's hardware model, which decides where pods are placed. */
  readonly model: number;
  /** The most bytes that all of it may take on the disk. */
  readonly disk: number;
  readonly application: Application;
}

/** Opened secrets of an order, by name and key; held in memory only while they are handed to the driver. */
export type OpenedSecrets = ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;
