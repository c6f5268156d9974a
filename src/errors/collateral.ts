import type { ErrorTable } from "./table.ts";

/** Of the readers of Intel's signed JSON texts. */
export const collateralErrors: ErrorTable = {
  StrictJsonUnexpected: [
    "The text departs from Intel's form at character {offset}.",
    "Hand in exactly the text that Intel signed: the value of `tcbInfo` or `enclaveIdentity`, untouched.",
  ],
  StrictJsonTooLong: [
    "The text has {length} characters, more than {maximum}.",
    "Hand in only the value of `tcbInfo` or `enclaveIdentity`, without the rest of the answer.",
  ],
  CivilDateNonexistent: ["There is no day {year}-{month}-{day}.", "Fetch the document anew; Intel signs no such date."],
  IsoTimeInvalid: [
    "The characters {text} (in hexadecimal) are no date like 2025-08-15T05:08:18Z, or one that does not exist.",
    "Fetch the document anew; Intel signs no such date.",
  ],
  TcbInfoJsonWrongVersion: [
    "The TCB info has version {version}; version 3 is read.",
    "Fetch it from version 4 of Intel's PCS.",
  ],
  TcbInfoJsonWrongId: [
    'The text has the id "{id}" and is no TCB info of SGX.',
    "Fetch the TCB info from the PCS's path `sgx`, not `tdx`.",
  ],
  TcbInfoJsonOrder: [
    "Level {level} of the TCB info is not strictly below the one before it.",
    "Fetch the document anew; Intel signs its levels in descending order.",
  ],
  QeIdentityJsonWrongVersion: [
    "The QE identity has version {version}; version 2 is read.",
    "Fetch it from version 4 of Intel's PCS.",
  ],
  QeIdentityJsonWrongId: [
    'The text has the id "{id}" and is no identity of the quoting enclave of SGX.',
    "Fetch `qe/identity` from the PCS's path `sgx`, not `tdx`.",
  ],
  QeIdentityJsonOrder: [
    "Level {level} of the QE identity is not strictly below the one before it.",
    "Fetch the document anew; Intel signs its levels in descending order.",
  ],
  QeIdentityJsonWrongStatus: [
    "Level {level} of the QE identity has the status {status:TcbStatus}, which only platforms have.",
    "Fetch the document anew; Intel signs none but UpToDate, OutOfDate and Revoked there.",
  ],
};
