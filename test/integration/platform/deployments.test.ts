import { expect } from "chai";
import { AbiCoder, id } from "ethers";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { revertDataOf } from "../../../src/errors.ts";
import { connectProtocol } from "../../../src/protocol.ts";
import { INTEL_ROOT_KEY } from "../../../src/sgx/index.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { deployPlatform, type DeploymentError } from "../../../tasks/support/deploy.ts";
import type { DeploymentParameters } from "../../../tasks/support/parameters.ts";
import { without } from "../../fixtures/platform/objects.ts";

describe("deployments", function () {
  this.timeout(60_000);

  describe("a chain that is no local one", () => {
    let real: NetworkConnection;
    let signers: Awaited<ReturnType<NetworkConnection["ethers"]["getSigners"]>>;
    let values: Record<string, string | number | bigint>;

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
      try {
        await deployPlatform(request);
        return "none";
      } catch (error) {
        return (error as DeploymentError).code;
      }
    };

    before(async () => {
      real = await hre.network.create({ network: "default", override: { chainId: 4242 } });
      signers = await real.ethers.getSigners();
      const stand = await real.ethers.deployContract("UserRegistry");
      const [, governor_, guardian_, treasury_] = signers.map(({ address }) => address);
      const code = await stand.getAddress();
      values = { token: code, governor: governor_!, guardian: guardian_!, treasury: treasury_!, evaluationFloor: 20 };
    });
    after(async () => real.close());

    for (const name of ["token", "governor", "guardian", "treasury", "evaluationFloor"]) {
      it(`is refused without a ${name}`, async () => {
        expect(await refusal(without(values, name))).to.equal("MISSING_PARAMETER");
      });
    }

    it("is refused when the deployer would govern", async () => {
      expect(await refusal({ ...values, governor: signers[0]!.address })).to.equal("GOVERNOR_IS_DEPLOYER");
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
      const { collateralStore } = connectProtocol(book, real.ethers.provider);
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
