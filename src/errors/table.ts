/**
 * What an error means and what to do about it, by the error's name. In the texts, `{name}` stands for the argument of that
 * name and `{name:form}` for its value in a form: `tokens`, `rate`, `time`, `duration`, the name of one of our enums, or for an address
 * `word`, what the caller calls it, and `module`, the same with the address.
 */
export type ErrorTable = Readonly<Record<string, readonly [cause: string, remedy: string]>>;
