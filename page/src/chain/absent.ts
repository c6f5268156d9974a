/** Stands where libraries have what this page never does; whoever asks for it is refused. */
function refuse(): never {
  throw new Error(
    "This page has no part for that: it takes addresses, asks endpoints by itself, and has wallets send.",
  );
}

/** Names of ENS: the page takes addresses. */
export const ens_normalize = refuse;
export const ens_beautify = refuse;
export const ens_tokenize = refuse;
export const EnsResolver = { fromName: refuse, lookupAddress: refuse };
export const MulticoinProviderPlugin = refuse;

/** Requests: the page's endpoints make their own. */
export const FetchRequest = refuse;
export const FetchResponse = refuse;
export const FetchCancelSignal = refuse;

/** Whole transactions, signed: wallets make and send them. */
export const Transaction = { from: refuse };

/** Forms written as JSON schemas. */
export const createToJSONSchemaMethod = () => refuse;
export const createStandardJSONSchemaMethod = () => refuse;
export const toJSONSchema = refuse;
export const JSONSchemaGenerator = refuse;
