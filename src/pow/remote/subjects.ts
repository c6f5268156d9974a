/** Under which names the searches and workers of a node speak to each other. Permissions of NATS can tell them apart. */
export interface Subjects {
  /** A search says to all workers that it is there. */
  readonly call: string;
  /** A search says to one worker what to do. */
  work(worker: string): string;
  /** A worker says to all searches that it is there. */
  status(worker: string): string;
  /** A worker says to a search what it has found. */
  result(worker: string): string;
}

/** Stands for every worker where something is listened to. */
export const ANY = "*";

/** The subjects of a node. */
export function subjectsOf(node: bigint): Subjects {
  const root = `computing-power.node.${node.toString()}`;
  return {
    call: `${root}.call`,
    work: (worker) => `${root}.work.${worker}`,
    status: (worker) => `${root}.status.${worker}`,
    result: (worker) => `${root}.result.${worker}`,
  };
}

/** The worker that a subject is of: who may speak under it is what the server's permissions say. */
export const workerOf = (subject: string): string => subject.slice(subject.lastIndexOf(".") + 1);
