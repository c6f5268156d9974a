import { expect } from "chai";
import { Wallet } from "ethers";

import { deployTestPlatform, TOKEN, type DeployedPlatform } from "../../fixtures/deployedPlatform.ts";
import { directChain } from "../../fixtures/provider/directChain.ts";
import { recordedAlarms } from "../../fixtures/provider/recordedAlarms.ts";
import { ChainUnreachableError, type ChainAccess } from "../../../src/chain/access.ts";
import { domainOf, signSigningKey } from "../../../src/eip712/index.ts";
import { peerDomain } from "../../../src/eip712/peer.ts";
import { PeerClient, ValidatorError } from "../../../src/validator/client.ts";
import { Health } from "../../../src/validator/health.ts";
import { Peers } from "../../../src/validator/peers.ts";
import { readStakes } from "../../../src/validator/seats.ts";

describe("What a validator's service looks after", () => {
  let platform: DeployedPlatform;
  let chain: ChainAccess;
  const { alarms, codes } = recordedAlarms();

  before(async () => {
    platform = await deployTestPlatform({ validators: 3 });
    chain = directChain(platform.book, platform.connection.ethers.provider);
  });
  after(async () => {
    await platform.connection.close();
  });

  function healthOf(own: string, changes: Partial<ConstructorParameters<typeof Health>[0]> = {}): Health {
    const stakes = async () => readStakes(chain);
    const usual = {
      chain,
      peers: new Peers([]),
      gate: { fault: undefined },
      stakes,
      clock: { ahead: 500 },
      own,
      signingKey: own,
      alarms,
    };

    return new Health({ ...usual, alarmBelowCoins: "1", ...changes });
  }

  it("tells that the seat is gone, and that it is back", async () => {
    const [validator] = platform.validators;
    const stranger = await platform.account();
    await healthOf(stranger.address).run();
    expect(codes()).to.include("seat-inactive");
    await healthOf(validator!.address).run();
    expect(codes()).to.not.include("seat-inactive");
  });

  it("tells that the key of the service is not the registered one, until it is", async () => {
    const [validator] = platform.validators;
    const own = validator!.address;
    const { validatorSet } = platform.protocol;
    const key = Wallet.createRandom();
    await healthOf(own, { signingKey: key.address }).run();
    const alarm = alarms.standing().find(({ code }) => code === "signing-key-differs");
    expect(alarm?.problem).to.include(key.address).and.to.include(own);
    const domain = domainOf("ValidatorSet", platform.chainId, platform.book.contracts.validatorSet);
    await validatorSet.connect(validator).setSigningKey(key, await signSigningKey(key, domain, own));
    await healthOf(own, { signingKey: key.address }).run();
    expect(codes()).to.not.include("signing-key-differs");
    await healthOf(own).run();
    expect(codes()).to.include("signing-key-differs");
    await healthOf(own, { signingKey: key.address }).run();
  });

  it("tells of little stake and of little coin, with the values, and when there is enough", async () => {
    const [validator] = platform.validators;
    const { stake } = await platform.protocol.validatorSet.getValidator(validator!.address);
    const tokens = (stake / TOKEN).toString();
    await healthOf(validator!.address, { alarmBelowStake: `${tokens}.000001`, alarmBelowCoins: "1000000" }).run();
    expect(codes()).to.include.members(["stake-low", "coin-low"]);
    expect(alarms.standing().find(({ code }) => code === "stake-low")?.problem).to.include(`${tokens} tokens`);
    await healthOf(validator!.address, { alarmBelowStake: tokens }).run();
    expect(codes()).to.not.include.members(["stake-low"]);
    expect(codes()).to.not.include("coin-low");
  });

  it("tells of a clock that is off in either direction", async () => {
    const [validator] = platform.validators;
    for (const ahead of [-30_000, 60_000]) {
      await healthOf(validator!.address, { clock: { ahead } }).run();
      expect(codes(), String(ahead)).to.include("clock-off");
      await healthOf(validator!.address).run();
      expect(codes()).to.not.include("clock-off");
    }
  });

  it("tells that the chain is not reached, once for all duties, and nothing else of it then", async () => {
    const [validator] = platform.validators;
    const gone = { ...chain, head: async () => Promise.reject(new ChainUnreachableError("nobody answers")) };
    await healthOf(validator!.address, { chain: gone, alarmBelowCoins: "1000000" }).run();
    expect(codes()).to.include("chain-unreachable").and.not.include("coin-low");
    await healthOf(validator!.address).run();
    expect(codes()).to.not.include("chain-unreachable");
  });

  it("tells of peers that do not answer, and that a quorum is lost with them", async () => {
    const [first, second, third] = platform.validators;
    let isThere = false;
    const domain = peerDomain(1n, second!.address);
    const identity = { address: first!.address, signer: first!, domain, now: Date.now };
    const peers = new Peers(
      [second, third].map((each) => new PeerClient({ url: "https://peer.example", address: each!.address }, identity)),
    );
    const ask = async (): Promise<unknown> =>
      peers.askAll(async () => {
        if (!isThere) throw new ValidatorError("unreachable", 0, "no answer");
        return Promise.resolve();
      });
    for (let i = 0; i < 3; i++) await ask();
    await healthOf(first!.address, { peers }).run();
    expect(alarms.standing().find(({ code }) => code === "peers-unreachable")?.severity).to.equal("critical");
    isThere = true;
    await ask();
    await healthOf(first!.address, { peers }).run();
    expect(codes()).to.not.include("peers-unreachable");
  });
});
