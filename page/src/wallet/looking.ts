import { pause } from "../parts/pause.ts";

/** Milliseconds between two looks for what a transaction has changed. */
const LOOK = 1_000;

/** Waits until it is time to look again for what a transaction has changed. */
export const pauseForLook = async (): Promise<void> => pause(LOOK);
