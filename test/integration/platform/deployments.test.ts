import { expect } from "chai";
import { AbiCoder, ContractFactory, id, ZeroAddress } from "ethers";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { revertDataOf } from "../../../src/errors.ts";
import { connectProtocol } from "../../../src/protocol.ts";
import { INTEL_ROOT_KEY } from "../../../src/sgx/index.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { deployPlatform } from "../../../tasks/support/deployment/deploy.ts";
import type { DeploymentError } from "../../../tasks/support/deployment/errors.ts";
import type { DeploymentParameters } from "../../../tasks/support/deployment/parameters.ts";
import { testNetworks } from "../../../tasks/support/deployment/testNetworks.ts";
import { Refusal } from "../../../tasks/support/failure.ts";
import { without } from "../../fixtures/platform/objects.ts";

/** Why a deployment is refused. */
const codeOf = async (deployment: Promise<unknown>): Promise<string> =>
  deployment.then(
    () => "none",
    (error: unknown) => (error as DeploymentError).code,
  );

describe("deployments", () => {
  describe("a chain that is no local one", () => {
    let real: NetworkConnection;
    let signers: Awaited<ReturnType<NetworkConnection["ethers"]["getSigners"]>>;
    let values: Record<string, string | number | bigint>;
    /** A token of six decimals, of which a million exist. */
    let plain: string;

    const deployed = async (name: string, ...args: unknown[]): Promise<string> =>
      (await real.ethers.deployContract(name, args)).getAddress();

    const refusal = async (
      protocolValues: DeploymentParameters["Protocol"],
      more: Partial<DeploymentParameters> = {},
    ): Promise<string> => {
      const request = {
        hre,
        connection: real,
        parameters: { Protocol: protocolValues, ...more },
        deployer: signers[0]!.address,
      };
      return codeOf(deployPlatform(request));
    };

    before(async () => {
      real = await hre.network.create({ network: "default", override: { chainId: 4242 } });
      signers = await real.ethers.getSigners();
      const [holder, governor_, guardian_, treasury_] = signers.map(({ address }) => address);
      plain = await deployed("PlainToken", holder, 10n ** 12n);
      values = { token: plain, governor: governor_!, guardian: guardian_!, treasury: treasury_!, evaluationFloor: 20 };
    });
    after(async () => real.close());

    for (const name of ["token", "governor", "guardian", "treasury", "evaluationFloor"]) {
      it(`is refused without a ${name}`, async () => {
        expect(await refusal(without(values, name))).to.equal("MISSING_PARAMETER");
      });
    }

    for (const name of ["governor", "guardian"]) {
      it(`is refused when the deployer would be ${name}`, async () => {
        expect(await refusal({ ...values, [name]: signers[0]!.address })).to.equal("ROLE_IS_DEPLOYER");
      });
    }

    it("is refused with a role that nobody could fill", async () => {
      for (const name of ["governor", "guardian", "treasury"]) {
        for (const nobody of [ZeroAddress, `0x${"0".repeat(39)}4`, plain]) {
          expect(await refusal({ ...values, [name]: nobody }), name).to.equal("ROLE_IS_NOBODY");
        }
      }
    });

    it("is refused with one account in two roles", async () => {
      const [governor, guardian] = [String(values["governor"]), String(values["guardian"])];
      expect(await refusal({ ...values, guardian: governor.toLowerCase() })).to.equal("ROLES_ARE_EQUAL");
      expect(await refusal({ ...values, treasury: governor })).to.equal("ROLES_ARE_EQUAL");
      expect(await refusal({ ...values, treasury: guardian })).to.equal("ROLES_ARE_EQUAL");
    });

    it("is refused with amounts of which the token has not so much, or not so fine", async () => {
      expect(await refusal({ ...values, demandBond: "1000001" })).to.equal("INVALID_AMOUNT");
      expect(await refusal({ ...values, demandBond: "0.0000001" })).to.equal("INVALID_AMOUNT");
      expect(await refusal({ ...values, nodeMinimumStake: 10n ** 18n })).to.equal("INVALID_AMOUNT");
    });

    it("is refused when the token has no code", async () => {
      expect(await refusal({ ...values, token: signers[5]!.address })).to.equal("NO_CODE");
    });

    it("is refused with the token or the root of local networks", async () => {
      const token = await real.ethers.deployContract("PlatformToken", [signers[0]!.address, 1n]);
      expect(await refusal({ ...values, token: await token.getAddress() })).to.equal("LOCAL_TOKEN");
      const simulationRoot = createSimulator({ time: 0n }).root;
      expect(await refusal(values, { simulationRoot })).to.equal("SIMULATION_ROOT");
    });

    it("takes another root by the explicit word, on test networks only", async () => {
      const { Sepolia } = testNetworks;
      const sepolia = await hre.network.create({ network: "default", override: { chainId: Number(Sepolia) } });
      const [deployer] = await sepolia.ethers.getSigners();
      const request = {
        hre,
        parameters: { Protocol: without(values, "token", "evaluationFloor") },
        deployer: deployer!.address,
        isSimulated: true,
      };
      const book = await deployPlatform({ ...request, connection: sepolia });
      const { collateralStore, token } = connectProtocol(book, sepolia.ethers.provider);
      const root = (await collateralStore.rootKey()).join("").replaceAll("0x", "");
      expect(`0x${root}`).to.equal(createSimulator({ time: 0n }).root);
      expect(await token.balanceOf(deployer!.address)).to.equal(await token.totalSupply());
      await sepolia.close();
      const fault = await codeOf(deployPlatform({ ...request, parameters: { Protocol: values }, connection: real }));
      expect(fault).to.equal("SIMULATION_ROOT");
    });

    it("takes a proxy for a token, whose code is nothing like ours", async () => {
      const implementation = plain.slice(2).toLowerCase();
      const code = `0x3d602d80600a3d3981f3363d3d373d3d3d363d73${implementation}5af43d82803e903d91602b57fd5bf3`;
      const proxy = await new ContractFactory([], code, signers[0]).deploy();
      // The proxy has no storage of its own filled, so nothing of its token exists.
      expect(await refusal({ ...values, token: await proxy.getAddress() })).to.equal("INVALID_AMOUNT");
    });

    it("tells a contract's refusal with the parameter that it is about", async () => {
      const problem = async (changed: Record<string, number>): Promise<string> =>
        deployPlatform({
          hre,
          connection: real,
          parameters: { Protocol: { ...values, ...changed } },
          deployer: signers[0]!.address,
        }).then(
          () => "none",
          (error: unknown) => (error instanceof Refusal ? JSON.stringify(error.decoded) : String(error)),
        );
      expect(await problem({ responseWindow: 3 })).to.match(
        /ChallengeManagerInvalidParameter.*responseWindow 3\..*Change responseWindow in/,
      );
      expect(await problem({ revocationDelay: 60 })).to.match(/NodeRegistryInvalidParameter.*revocationDelay 60\./);
      expect(await problem({ feeBps: 1001 })).to.match(/OrderEscrow.*feeBps 1001\./);
      expect(await problem({ disputePeriod: 1_000_000, releaseDelay: 1_000_000 })).to.match(
        /TaskEscrowInvalidParameter.*releaseDelay/,
      );
    });

    it("is refused when every block wins the lottery", async () => {
      expect(await refusal({ ...values, lotteryOdds: 1 })).to.equal("NO_LOTTERY");
    });

    it("is refused when a governed change comes before an order can be closed", async () => {
      expect(await refusal({ ...values, governanceDelay: 7199 })).to.equal("SHORT_DELAY");
      expect(await refusal({ ...values, governanceDelay: 7200, epochLength: 3601 })).to.equal("SHORT_DELAY");
    });

    it("cannot have a mock judge at all, by the mock's own constructor", async () => {
      const deployment = real.ethers.deployContract("MockJudge");
      const data = await deployment.then(
        () => undefined,
        (error: unknown) => revertDataOf(error),
      );
      expect(data).to.equal(
        id("MockJudgeNotLocal(uint256)").slice(0, 10) + AbiCoder.defaultAbiCoder().encode(["uint256"], [4242]).slice(2),
      );
    });

    it("is deployed when everything is real", async () => {
      const book = await deployPlatform({
        hre,
        connection: real,
        parameters: { Protocol: values },
        deployer: signers[0]!.address,
      });
      const { collateralStore, quorumVerifier } = connectProtocol(book, real.ethers.provider);
      expect(await quorumVerifier.demandBond(), "100 tokens of six decimals").to.equal(100_000_000n);
      expect(await collateralStore.evaluationFloor()).to.equal(20n);
      expect((await collateralStore.rootKey()).join("").replaceAll("0x", "")).to.equal(INTEL_ROOT_KEY.slice(2));
    });
  });

  describe("builds", () => {
    it("compile for production exactly as for tests", async () => {
      const contracts = await hre.solidity.getRootFilePaths({ scope: "contracts" });
      const roots = contracts.filter((path) => !path.includes("/contracts/mocks/"));
      const inputs = await Promise.all(
        ["default", "production"].map(async (buildProfile) => {
          const jobs = await hre.solidity.getCompilationJobs(roots, { buildProfile, force: true, quiet: true });
          if (!("compilationJobsPerFile" in jobs)) throw new Error("no compilation jobs");
          const distinct = [...new Set(jobs.compilationJobsPerFile.values())];
          return Promise.all(distinct.map(async (job) => [job.solcLongVersion, await job.getSolcInput()]));
        }),
      );
      expect(inputs[1]).to.deep.equal(inputs[0]);
      expect(inputs[0]).to.have.lengthOf(1);
    });
  });
});
