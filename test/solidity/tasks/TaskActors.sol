// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NodeFacts} from "../../../contracts/mocks/tasks/NodeBook.sol";
import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {Test} from "../utils/Test.sol";
import {makeCount} from "../validators/ValidatorStaking.sol";
import {PURE_OWNERS, FIRST_PROVIDER, FIRST_VALIDATOR, VALIDATORS, NODES, Play} from "./TaskPlay.sol";
import {ENCLAVE_SECRET, FREE_STAKE, MINIMUM_STAKE, MR_ENCLAVE, STRANGER, TaskStage} from "./TaskStage.sol";

/// @notice Plays what goes on around tasks: datasets and grants, nodes, stake, validators, time, pausing and gifts.
abstract contract TaskActors is Test {
    uint256 private constant MAX_DATASETS = 18;

    Play private play;

    modifier acts(uint256 seed) {
        play.start(seed);
        _;
        play.finish();
    }

    constructor(TaskStage stage) {
        play.begin(stage);
        address enclaveKey = vm.addr(ENCLAVE_SECRET);
        for (uint256 id = 1; id <= NODES; ++id) {
            play.nodes.addNode(id, play.players[FIRST_PROVIDER + (id % 3)], enclaveKey);
            // The last one was never attested.
            VerifierKind kind = id % 2 == 0 ? VerifierKind.OnChain : VerifierKind.Quorum;
            if (id != NODES) play.nodes.attest(id, MR_ENCLAVE, kind, block.timestamp + 30 days);
        }
        for (uint256 i; i < VALIDATORS; ++i) _join(play.players[FIRST_VALIDATOR + i], MINIMUM_STAKE + 7 ** i);
        for (uint256 i; i < 8; ++i) _beginDataset(i);
    }

    function register(uint256 seed) external acts(seed) {
        if (play.grants.datasetCount() == MAX_DATASETS || play.roll(3) != 0) return;
        (address owner, uint96 price) = (_anOwner(), uint96(play.amount()));
        bytes32 contentHash = keccak256(abi.encode("data", play.grants.datasetCount()));
        play.model.register(owner, contentHash, price);
        vm.prank(owner);
        assertEq(play.grants.register(contentHash, price, ""), play.model.datasetCount(), "dataset's id");
        play.stage.noteDone("register");
    }

    function setPrice(uint256 seed) external acts(seed) {
        uint256 datasetId = 1 + play.roll(play.grants.datasetCount());
        address caller = play.rarely() ? _anOwner() : play.model.ownerOf(datasetId);
        uint96 price = uint96(play.amount());
        bytes32 contentHash = _contentOf(datasetId);
        bool allowed = play.model.setPrice(caller, datasetId, contentHash, price);
        vm.prank(caller);
        try play.grants.setPrice(datasetId, contentHash, price) {
            play.went("setPrice", allowed);
        } catch (bytes memory reason) {
            play.was("setPrice", allowed, reason);
        }
    }

    function grant(uint256 seed) external acts(seed) {
        GrantTerms memory terms;
        terms.datasetId = 1 + play.roll(play.grants.datasetCount());
        terms.nodeId = 1 + play.roll(NODES);
        terms.mrEnclave = play.rarely() ? bytes32(0) : MR_ENCLAVE;
        terms.enclaveKey = play.rarely() ? STRANGER : vm.addr(ENCLAVE_SECRET);
        terms.until = uint40(
            block.timestamp +
                play.roll(
                    play.rarely()
                        ? 2
                        : play.roll(4) == 0
                            ? 1 days
                            : 40 days
                )
        );
        terms.demand = play.roll(2) == 0 ? AttestationDemand.Live : AttestationDemand(play.roll(3));
        address caller = play.rarely() ? _anOwner() : play.model.ownerOf(terms.datasetId);
        terms.free = play.nodes.factsOf(terms.nodeId).provider == caller ? play.roll(2) == 0 : play.rarely();
        bytes32 contentHash = _contentOf(terms.datasetId);
        bool allowed = play.model.grant(caller, terms, contentHash);
        vm.prank(caller);
        try play.grants.grant(terms, contentHash) {
            play.went(terms.free ? "grantFree" : "grant", allowed);
        } catch (bytes memory reason) {
            play.was("grant", allowed, reason);
        }
    }

    function revoke(uint256 seed) external acts(seed) {
        if (play.roll(2) == 0) return;
        (uint256 datasetId, uint256 nodeId) = (1 + play.roll(play.grants.datasetCount()), 1 + play.roll(NODES));
        address caller = play.rarely() ? _anOwner() : play.model.ownerOf(datasetId);
        bytes32 contentHash = _contentOf(datasetId);
        (, address key) = play.nodes.identityOf(nodeId);
        // A node that has none is named by the key that it will have.
        if (key == address(0) && play.roll(4) != 0) key = vm.addr(ENCLAVE_SECRET);
        if (play.rarely()) key = STRANGER;
        bool allowed = play.model.revoke(caller, datasetId, contentHash, nodeId, key);
        vm.prank(caller);
        try play.grants.revoke(datasetId, contentHash, nodeId, key) {
            play.went("revoke", allowed);
        } catch (bytes memory reason) {
            play.was("revoke", allowed, reason);
        }
    }

    /// @notice A node attests, first or again, lapses, takes nothing new for a while, or ends. The first two live on.
    function changeNode(uint256 seed) external acts(seed) {
        uint256 nodeId = 1 + play.roll(NODES);
        uint256 kind = play.roll(10);
        NodeFacts memory node = play.nodes.factsOf(nodeId);
        if (kind < 4) {
            VerifierKind verifier = play.roll(2) == 0 ? VerifierKind.Quorum : VerifierKind.OnChain;
            play.nodes.attest(nodeId, MR_ENCLAVE, verifier, block.timestamp + play.roll(40 days));
        } else if (kind == 4 && node.attestations != 0) {
            play.nodes.attest(nodeId, MR_ENCLAVE, node.kind, block.timestamp);
        } else if (kind < 7) {
            play.nodes.setOpen(nodeId, play.roll(6) != 0);
        } else if (kind == 8) {
            play.nodes.suspend(nodeId);
            play.stage.noteDone("suspend");
        } else if (kind == 9) {
            // Which ends the node if nobody lifted it for too long.
            if (nodeId > 2) play.nodes.revoke(nodeId);
            play.nodes.lift(nodeId);
        } else if (nodeId > 2) {
            if (play.roll(2) == 0) play.nodes.setEnd(nodeId, block.timestamp + play.roll(2 days));
            else play.nodes.discredit(nodeId);
            play.stage.noteDone("endNode");
        }
    }

    /// @notice Somebody adds stake, takes some, or lets tasks lock more or less of it. Who only owns datasets keeps what it gets.
    function changeStake(uint256 seed) external acts(seed) {
        address account = play.players[PURE_OWNERS + play.roll(play.players.length - PURE_OWNERS)];
        (uint256 kind, uint256 amount) = (play.roll(3), play.roll(2) == 0 ? FREE_STAKE : play.amount());
        if (kind == 0) {
            amount = amount > 1e24 ? 1e24 : amount + 1;
            play.model.deposit(account, amount);
            vm.prank(account);
            play.vault.deposit(amount);
        } else if (kind == 1) {
            play.model.allowTasks(account, amount);
            vm.prank(account);
            play.vault.allow(address(play.escrow), amount);
        } else {
            bool allowed = play.model.takeStake(account, amount);
            vm.prank(account);
            try play.vault.withdraw(amount, account) {
                play.went("takeStake", allowed);
            } catch (bytes memory reason) {
                play.was("takeStake", allowed, reason);
            }
        }
    }

    /// @notice A validator joins or adds stake, leaves, is released, or is slashed for something else.
    function changeValidator(uint256 seed) external acts(seed) {
        address account = play.players[FIRST_VALIDATOR + play.roll(VALIDATORS)];
        uint256 kind = play.roll(8);
        if (kind < 3) _join(account, play.rarely() ? 0 : play.roll(10 * MINIMUM_STAKE));
        else if (kind < 5) _exit(account);
        else if (kind < 7) _release(account);
        else if (play.roll(3) == 0) assertEq(play.quotes.slash(account), play.model.slashSeat(account), "slashed");
    }

    function pause(uint256 seed) external acts(seed) {
        bool paused = !play.model.paused() && play.roll(8) == 0;
        play.stage.setPaused(paused);
        if (paused) play.stage.noteDone("pause");
    }

    /// @notice Somebody sends tokens to the escrow that nobody owes.
    function donate(uint256 seed) external acts(seed) {
        (address giver, uint256 amount) = (play.players[play.roll(play.players.length)], play.amount());
        play.model.donate(giver, amount);
        play.stage.noteDonation(amount);
        vm.prank(giver);
        assertTrue(play.token.transfer(address(play.escrow), amount), "given");
        play.stage.noteDone("donate");
    }

    function pass(uint256 seed) external acts(seed) {
        vm.warp(block.timestamp + (play.roll(8) == 0 ? play.roll(3 days) : play.roll(3 hours)));
    }

    /// @dev Mostly one of those who do nothing else.
    function _anOwner() private returns (address) {
        return play.players[play.roll(3) == 0 ? play.roll(PURE_OWNERS + 3) : play.roll(PURE_OWNERS)];
    }

    /// @dev What names a dataset, or another now and then.
    function _contentOf(uint256 datasetId) private returns (bytes32) {
        return play.rarely() ? keccak256("other data") : play.model.contentOf(datasetId);
    }

    /// @dev A dataset that all attested nodes may use for the first months.
    function _beginDataset(uint256 i) private {
        (address owner, uint96 price) = (play.players[i % (PURE_OWNERS + 3)], uint96(play.amount()));
        bytes32 contentHash = keccak256(abi.encode("data", i));
        play.model.register(owner, contentHash, price);
        vm.startPrank(owner);
        uint256 datasetId = play.grants.register(contentHash, price, "ipfs://data");
        for (uint256 nodeId = 1; nodeId < NODES; ++nodeId) {
            uint40 until = uint40(block.timestamp + 60 days);
            bool free = play.nodes.factsOf(nodeId).provider == owner;
            GrantTerms memory terms = GrantTerms(
                datasetId,
                nodeId,
                MR_ENCLAVE,
                vm.addr(ENCLAVE_SECRET),
                until,
                AttestationDemand.Live,
                free
            );
            assertTrue(play.model.grant(owner, terms, contentHash), "granted");
            play.grants.grant(terms, contentHash);
        }
        vm.stopPrank();
    }

    function _join(address account, uint256 amount) private {
        bool allowed = play.model.join(account, amount);
        vm.prank(account);
        try play.validators.join(amount) {
            makeCount(play.validators, account);
            play.went("join", allowed);
        } catch (bytes memory reason) {
            play.was("join", allowed, reason);
        }
    }

    function _exit(address account) private {
        bool allowed = play.model.exit(account);
        vm.prank(account);
        try play.validators.exit() {
            play.went("exit", allowed);
        } catch (bytes memory reason) {
            play.was("exit", allowed, reason);
        }
    }

    function _release(address account) private {
        bool allowed = play.model.release(account);
        try play.validators.release(account) {
            play.went("release", allowed);
        } catch (bytes memory reason) {
            play.was("release", allowed, reason);
        }
    }
}
