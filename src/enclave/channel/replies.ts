import { EnclaveError } from "../errors.ts";
import { replyForm, type Failure, type Reply } from "../protocol.ts";

/** What a program says that it failed at. */
export const errorOf = ({ code, problem, remedy }: Failure): EnclaveError =>
  new EnclaveError(code, problem, { remedy });

/** Why no more is asked of a program that wrote something else than an answer, which may be that it takes no more clients. */
export function refusalOf(reply: Reply | undefined): EnclaveError {
  if (reply !== undefined && "error" in reply && reply.error.code === "BUSY") return errorOf(reply.error);
  return new EnclaveError("PROTOCOL", "The enclave program wrote something that is not an answer");
}

/** What a line says; undefined where it is no reply. */
export function parseReply(line: string | undefined): Reply | undefined {
  try {
    return line === undefined ? undefined : replyForm.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
