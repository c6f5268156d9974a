import { expect } from "chai";
import { writeFileSync } from "node:fs";

import { serializeCollateral } from "../../../src/sgx/collateral.ts";
import { TcbStatus } from "../../../src/sgx/index.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { does, openHardhatCli, type HardhatCli } from "../../fixtures/hardhatCli.ts";
import { instead, startPcsServer, type PcsServer } from "../../fixtures/sgx/pcsServer.ts";
import { REPORT_DATA, simulator, TIME } from "../../fixtures/sgx/simulation.ts";

const platform = simulator.platform();
const quote = Buffer.from(platform.quote({ reportData: REPORT_DATA }));

describe("commands that read quotes and ask servers", () => {
  let hardhat: HardhatCli;
  let server: PcsServer;
  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(hardhat.file(name), content);
    return hardhat.file(name);
  };
  const judged = (more: object): Record<string, unknown> => ({ root: simulator.root, time: TIME.toString(), ...more });

  before(async () => {
    hardhat = await openHardhatCli();
    server = await startPcsServer(platform.collateral());
  });
  after(async () => {
    await server.close();
    await hardhat.close();
  });

  const closed = instead("/", (response) => response.writeHead(403).end());

  it("read a quote as other tools write it", async () => {
    const azure = write(
      "azure.json",
      `\ufeff${JSON.stringify({ quote: quote.toString("base64url"), runtimeData: "" })}`,
    );
    for (const file of [azure, write("quote.b64", quote.toString("base64"))]) {
      const verify = await hardhat.run("node verify", judged({ quote: file, collateral: server.url }));
      expect(verify.document).to.include({ holds: true });
      expect(verify.document["checks"], "nothing says what it was made for").not.to.include("reportData");
      const fetched = { source: server.url, quote: file, out: hardhat.file("fetched.json") };
      expect(await does(hardhat, "collateral fetch", fetched)).to.include({ number: 17 });
    }
  });

  it("accept the statuses that they are told to", async () => {
    const outdated = createSimulator({ seed: "tests", time: TIME }).platform({ tcbStatus: TcbStatus.OutOfDate });
    const collateral = write("outdated.json", serializeCollateral(outdated.collateral()));
    const args = judged({ quote: write("outdated.bin", outdated.quote({ reportData: REPORT_DATA })), collateral });
    const usual = await does(hardhat, "node verify", args);
    expect(usual).to.include({ status: "OutOfDate" });
    expect(usual["accepted"]).to.include("OutOfDateConfigurationNeeded").and.not.to.include("Revoked");
    const some = await does(hardhat, "node verify", { ...args, accept: "uptodate, OutOfDate" });
    expect(some["accepted"]).to.deep.equal(["UpToDate", "OutOfDate"]);
    const strict = await hardhat.run("node verify", { ...args, accept: "UpToDate SWHardeningNeeded" });
    expect(strict.exitCode).to.equal(1);
    expect(strict.document).to.include({ holds: false, code: "StatusNotAccepted", failed: "status" });
    expect(strict.document["cause"]).to.include("the policy accepts UpToDate, SWHardeningNeeded");
    expect(strict.document["remedy"]).to.include("`--accept`");
  });

  it("open a server by its URL and the environment, and show nowhere with what", async () => {
    const source = server.url.replace("//", "//us3r:s3cr3t@");
    process.env["PCS_SUBSCRIPTION_KEY"] = "k3y";
    const headers: unknown[] = [];
    server.mischief = (request) => {
      headers.push(request.headers.authorization, request.headers["ocp-apim-subscription-key"]);
      return false;
    };
    try {
      const args = { source: `${source}?subscription-key=k3y`, fmspc: "00606A000000" };
      for (const json of [false, true]) {
        const opened = await hardhat.run("collateral fetch", { ...args, out: hardhat.file("opened.json"), json });
        expect(opened.exitCode).to.equal(0);
        expect(opened.stdout + opened.stderr).not.to.match(/s3cr3t|us3r|k3y/);
      }
      expect(new Set(headers)).to.deep.equal(
        new Set([`Basic ${Buffer.from("us3r:s3cr3t").toString("base64")}`, "k3y"]),
      );
      server.mischief = closed;
      for (const [words, more] of [
        ["collateral fetch", args],
        ["node verify", { quote: write("quote.bin", quote), collateral: args.source }],
      ] as const) {
        for (const json of [false, true]) {
          const refused = await hardhat.run(words, { ...more, json });
          expect(refused.exitCode).to.equal(4);
          expect(refused.stdout + refused.stderr)
            .to.include("PCS_SUBSCRIPTION_KEY")
            .and.not.to.match(/s3cr3t|us3r|k3y/);
        }
      }
    } finally {
      delete process.env["PCS_SUBSCRIPTION_KEY"];
      server.mischief = () => false;
    }
  });

  it("show nothing secret of a place that is none", async () => {
    const run = await hardhat.run("collateral fetch", {
      source: "htps://us3r:s3cr3t@host/?k3y",
      fmspc: "00606A000000",
    });
    expect(run.exitCode).to.equal(1);
    expect(run.stderr)
      .to.include('There is no collateral at "htps://')
      .and.not.to.match(/s3cr3t|us3r|k3y/);
  });
});
