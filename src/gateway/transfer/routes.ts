import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import type { Blobs } from "./blobs.ts";
import {
  datasetName,
  inputsName,
  resultName,
  sealedKeyName,
  senderName,
  statementName,
  verdictsName,
  type SentFor,
} from "./names.ts";
import type { UploadQuotas } from "./quotas.ts";
import { requireOwnGrant, requirePart, requireTask, type TaskFacts, type TransferReader } from "./rights.ts";
import { MAX_DOCUMENT, storeSealedKey, storeVerdicts, type DocumentPlace } from "./storedDocuments.ts";
import { countOf, receive, send, tellOffset } from "./uploads.ts";
import { MAX_FILE_SIZE } from "../../data/cipher.ts";
import { MAX_SEALED_SIZE } from "../../data/sealing.ts";
import type { Api, ApiEnv } from "../http/api.ts";

/** What the routes for datasets and tasks work with. */
export interface TransferRooms {
  readonly reader: TransferReader;
  readonly blobs: Blobs;
  readonly quotas: UploadQuotas;
  readonly place: DocumentPlace;
  /** Whose request it is; see `transferAccount`. */
  readonly accountOf: (context: Context<ApiEnv>, resource: string) => Promise<string>;
}

const id = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, "not an id")
  .transform(Number);
const SIGNED = { kind: "signed" } as const;
const answer = (description: string) => ({ 200: { description } });

/** What is sent as a file, which may be large and is resumed. */
const FILES: ReadonlySet<string> = new Set(["content", "inputs"]);

type Method = "get" | "put" | "patch";
type Handler = (context: Context<ApiEnv>, id: number, account: string) => Promise<Response>;

/** Adds a route about one dataset or task, for whoever the request's token says. */
export function add(
  api: Api,
  rooms: TransferRooms,
  kind: SentFor,
  methods: readonly Method[],
  part: string,
  summary: string,
  handler: Handler,
): void {
  for (const method of methods) {
    const definition = createRoute({
      method,
      path: `/v1/${kind}/{id}/${part}`,
      summary,
      request: { params: z.object({ id }) },
      responses: answer("As the summary says"),
    });
    api.route(
      SIGNED,
      definition,
      async (context) => {
        const { id: number } = context.req.valid("param");
        const account = await rooms.accountOf(context, `${kind}/${String(number)}`);
        return handler(context, number, account);
      },
      // Files are read as they come, each up to its own limit; documents are small.
      { body: FILES.has(part) ? "stream" : MAX_DOCUMENT },
    );
  }
}

/** Adds what data owners, requesters, validators and the provider send and fetch of datasets and tasks. */
export function addTransferRoutes(api: Api, rooms: TransferRooms): void {
  addDatasetRoutes(api, rooms);
  addTaskUploads(api, rooms);
  addTaskDownloads(api, rooms);
}

function addDatasetRoutes(api: Api, rooms: TransferRooms): void {
  const { reader, blobs, place } = rooms;
  add(
    api,
    rooms,
    "datasets",
    ["get"],
    "content/upload",
    "How much of the encrypted dataset has arrived",
    async (context, dataset, account) => {
      const { contentHash } = await requireOwnGrant(reader, dataset, account);
      return tellOffset(context, blobs, datasetName(contentHash), senderName("datasets", dataset, account));
    },
  );
  add(
    api,
    rooms,
    "datasets",
    ["put", "patch"],
    "content",
    "Send the encrypted dataset; its owner, while the node has a grant",
    async (context, dataset, account) => {
      const { contentHash } = await requireOwnGrant(reader, dataset, account);
      return receive(context, rooms, datasetName(contentHash), {
        hash: contentHash,
        limit: MAX_FILE_SIZE,
        sender: senderName("datasets", dataset, account),
        account,
      });
    },
  );
  add(
    api,
    rooms,
    "datasets",
    ["put"],
    "key",
    "Send the dataset's key, sealed to the enclave, as `dataset deliver` writes it",
    async (context, dataset, account) => {
      const facts = await requireOwnGrant(reader, dataset, account);
      const key = new Uint8Array(await context.req.arrayBuffer());
      const name = sealedKeyName(dataset, facts.enclaveKey);
      const count = countOf(rooms, { name, sender: senderName("datasets", dataset, account) }, account);
      await storeSealedKey(blobs, place, dataset, facts, key, count);
      return context.body(null, 204);
    },
  );
  add(
    api,
    rooms,
    "datasets",
    ["get"],
    "key/upload",
    "Whether the gateway has the sealed key",
    async (context, dataset, account) => {
      const { enclaveKey } = await requireOwnGrant(reader, dataset, account);
      return tellOffset(context, blobs, sealedKeyName(dataset, enclaveKey), senderName("datasets", dataset, account));
    },
  );
}

function addTaskUploads(api: Api, rooms: TransferRooms): void {
  const { reader, blobs, place } = rooms;
  const own = async (taskId: number, account: string): Promise<TaskFacts> => {
    const task = await requireTask(reader, taskId, place.node);
    if (account !== task.requester) await requirePart(reader, task, account);
    return task;
  };
  add(
    api,
    rooms,
    "tasks",
    ["get"],
    "inputs/upload",
    "How much of the sealed inputs has arrived",
    async (context, taskId, account) => {
      const { inputHash } = await own(taskId, account);
      return tellOffset(context, blobs, inputsName(taskId, inputHash), senderName("tasks", taskId, account));
    },
  );
  add(
    api,
    rooms,
    "tasks",
    ["put", "patch"],
    "inputs",
    "Send the sealed inputs whose hash the task has",
    async (context, taskId, account) => {
      const { inputHash, requester } = await own(taskId, account);
      return receive(context, rooms, inputsName(taskId, inputHash), {
        hash: inputHash,
        limit: MAX_SEALED_SIZE,
        sender: senderName("tasks", taskId, account),
        account: requester,
      });
    },
  );
  add(
    api,
    rooms,
    "tasks",
    ["put"],
    "verdicts",
    "Send validators' verdicts, as `task verdict` writes them",
    async (context, taskId, account) => {
      const task = await own(taskId, account);
      await storeVerdicts(
        blobs,
        {
          ...place,
          isValidator: async (validator) => reader.isValidator(validator),
          signingKeyOf: async (validator) => reader.signingKeyOf(validator),
        },
        taskId,
        task,
        new Uint8Array(await context.req.arrayBuffer()),
      );
      return context.body(null, 204);
    },
  );
}

function addTaskDownloads(api: Api, rooms: TransferRooms): void {
  const { reader, blobs, place } = rooms;
  const downloads = [
    ["inputs", "The sealed inputs", inputsName, "application/octet-stream"],
    ["result", "The sealed result", resultName, "application/octet-stream"],
    ["statement", "What the enclave signed of the task", statementName, "application/json"],
    ["verdicts", "Validators' verdicts on the result", verdictsName, "application/json"],
  ] as const;
  for (const [part, summary, nameOf, type] of downloads) {
    add(api, rooms, "tasks", ["get"], part, summary, async (context, taskId, account) => {
      const task = await requireTask(reader, taskId, place.node);
      await requirePart(reader, task, account);
      return send(context, blobs, nameOf(taskId, task.inputHash), type, `the ${part} of task ${String(taskId)}`);
    });
  }
}
