import { InputError } from "../../inputError.ts";

/** What the program ends with where a person has to decide which of several processes stays: whoever restarts it by itself only repeats that. */
export const SEAT_TAKEN = 3;

/** Somebody else acts, or has acted, with the seat's key. Any other error passes, such as that of a full disk or a signer that does not answer. */
export class SeatTakenError extends InputError {
  constructor(problem: string, remedy: string) {
    super(problem, remedy, { exitCode: SEAT_TAKEN });
  }
}
