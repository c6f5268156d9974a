/** A block, and its time in Unix seconds. */
export interface Block {
  readonly number: number;
  readonly hash: string;
  readonly time: number;
}
