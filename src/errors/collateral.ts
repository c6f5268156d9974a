import type { ErrorTable } from "./table.ts";

/** Of the readers of Intel's signed JSON texts. */
export const collateralErrors: ErrorTable = {
  StrictJsonUnexpected: [
    "The text departs from the form in which Intel signs it at character {offset}.",
    "Submit exactly the text that Intel signed: the value of `tcbInfo` or `enclaveIdentity`, unchanged.",
  ],
  StrictJsonTooLong: [
    "The text has {length} characters, more than {maximum}.",
    "Submit only the value of `tcbInfo` or `enclaveIdentity`, without the rest of the answer.",
  ],
  CivilDateNonexistent: [
    "The day {year}-{month}-{day} does not exist.",
    "Fetch the document again; Intel signs only dates that exist.",
  ],
  IsoTimeInvalid: [
    "The characters {text} (in hexadecimal) are not a date such as 2025-08-15T05:08:18Z, or the date does not exist.",
    "Fetch the document again; Intel signs only such dates, and only those that exist.",
  ],
  TcbInfoJsonWrongVersion: [
    "The TCB info has version {version} instead of 3.",
    "Fetch it from version 4 of Intel's PCS.",
  ],
  TcbInfoJsonWrongId: [
    'The text has the id "{id}", and is not the TCB info of SGX.',
    "Fetch the TCB info from the PCS's path `sgx`, not `tdx`.",
  ],
  TcbInfoJsonOrder: [
    "Level {level} of the TCB info is not strictly below the one before it.",
    "Fetch the document again; Intel signs its levels in descending order.",
  ],
  QeIdentityJsonWrongVersion: [
    "The QE identity has version {version} instead of 2.",
    "Fetch it from version 4 of Intel's PCS.",
  ],
  QeIdentityJsonWrongId: [
    'The text has the id "{id}", and is not the identity of the quoting enclave of SGX.',
    "Fetch `qe/identity` from the PCS's path `sgx`, not `tdx`.",
  ],
  QeIdentityJsonOrder: [
    "Level {level} of the QE identity is not strictly below the one before it.",
    "Fetch the document again; Intel signs its levels in descending order.",
  ],
  QeIdentityJsonWrongStatus: [
    "Level {level} of the QE identity has the status {status:TcbStatus}, which only platforms have.",
    "Fetch the document again; Intel signs only UpToDate, OutOfDate and Revoked there.",
  ],
};
