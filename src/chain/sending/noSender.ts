import type { Sender } from "./sender.ts";
import { InputError } from "../../inputError.ts";

/** Refuses what a dry run does not do. */
export const refuseDry = async (): Promise<never> =>
  Promise.reject(new InputError("Nothing is signed or sent in a dry run", "Start the service without --dry-run."));

/** A sender that sends nothing, for who only decides. */
export const noSender = (address: string): Sender => ({
  address,
  send: refuseDry,
  recover: async () => Promise.resolve(),
  close: async () => Promise.resolve(),
});
