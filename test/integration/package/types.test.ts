import { join } from "node:path";

import { root } from "../../../scripts/checks/files.ts";
import { NAME, openConsumer, type Consumer } from "../../fixtures/package/consumer.ts";

const tsc = join(root, "node_modules/typescript/bin/tsc");

/** What a consumer writes, in either form of module. */
const source = `import { connectProtocol, costOf, enumName, parseDocument, type OrderEscrow, type Protocol } from "${NAME}";
import { orderEscrowAbi } from "${NAME}/abi";
import { orderEscrowAbi as sameAbi } from "${NAME}/abi/OrderEscrow";
import { PcsClient } from "${NAME}/collateral";
import { encryptDataset } from "${NAME}/data";
import { quoteKeys } from "${NAME}/dcap";
import { getAddresses, type AddressBook } from "${NAME}/deployments";
import { EnclaveClient } from "${NAME}/enclave";
import { OrderClient } from "${NAME}/gateway";
import { createProver } from "${NAME}/pow";
import { verifyQuote } from "${NAME}/sgx";
import { JsonRpcProvider, Wallet, type Provider } from "ethers";

export const names: "open"[] = orderEscrowAbi.filter((entry) => entry.type === "function").map((entry) => entry.name).filter((name) => name === "open");
export const same: typeof orderEscrowAbi = sameAbi;
export async function depositOf(network: string, provider: Provider, orderId: bigint): Promise<bigint> {
  const book: AddressBook = getAddresses(network);
  const protocol: Protocol = connectProtocol(book, provider);
  const escrow: OrderEscrow = protocol.orderEscrow;
  const { progress, terms } = await escrow.getOrder(orderId);
  // @ts-expect-error An order has no such field, and the types know.
  void progress.nothing;
  return enumName("OrderStatus", progress.status) === "Active" ? progress.deposited : costOf(terms.ratePerSecond, 1n);
}
export const provider = new JsonRpcProvider("http://localhost:8545");
export const asUser = connectProtocol(getAddresses("localhost"), Wallet.createRandom(provider));
export const units: number = parseDocument("order-offer", "{}").offer.units;
// @ts-expect-error An answer has no such field.
parseDocument("proof-answer", "{}").offer;
export const more = [PcsClient, encryptDataset, quoteKeys, EnclaveClient, OrderClient, createProver, verifyQuote];
`;

describe("types of the package", function () {
  this.timeout(300_000);
  let consumer: Consumer;

  const check = async (name: string, text: string, options: object): Promise<void> => {
    consumer.write(name, text);
    const strict = { target: "es2023", strict: true, noEmit: true, skipLibCheck: true, types: [] };
    const config = { compilerOptions: { ...strict, ...options }, files: [name] };
    consumer.write("tsconfig.json", JSON.stringify(config));
    await consumer.succeeds(process.execPath, [tsc, "-p", "."]);
  };

  before(async () => {
    consumer = await openConsumer();
  });

  it("fit a strict consumer of ES modules, its Hardhat configuration included", async () => {
    const config = `import platform from "${NAME}/hardhat";\nexport const id: string = platform.id;\n`;
    await check("consumer.mts", `${config}${source}`, { module: "nodenext" });
  });

  it("fit a strict consumer of CommonJS, whose ethers has types of its own", async () => {
    await check("consumer.cts", source, { module: "node16" });
  });

  it("fit a consumer of CommonJS whose compiler knows no entries", async () => {
    const options = {
      module: "commonjs",
      moduleResolution: "node10",
      ignoreDeprecations: "6.0",
      esModuleInterop: true,
    };
    await check("older.cts", source, options);
  });

  it("fit a consumer whose bundler resolves modules", async () => {
    await check("bundled.ts", source, { module: "esnext", moduleResolution: "bundler" });
  });
});
