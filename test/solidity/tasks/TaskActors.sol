// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {DatasetUse, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {TaskModel} from "./TaskModel.sol";
import {NodeFacts} from "./TaskModelStandIns.sol";
import {TaskWatch} from "./TaskWatch.sol";

/// @notice Plays what goes on around tasks: datasets and grants, nodes, stake, validators, time, pausing and gifts.
abstract contract TaskActors is TaskWatch {
    uint256 public constant NODES = 5;
    uint256 public constant VALIDATORS = 5;
    uint256 public constant MAX_DATASETS = 18;

    /// @dev Every action: its own luck, so that no two calls with one seed are alike, and a look at all tasks after it.
    modifier acts(uint256 seed) {
        luck = uint256(keccak256(abi.encode(seed, luck)));
        lastAccepted = 0;
        _;
        _look();
    }

    constructor() {
        deployTasks();
        model = new TaskModel(nodes, treasury, FINALITY_PERIOD, EXIT_DELAY, SLASH_BPS, MINIMUM_STAKE);
        for (uint256 i; i < PLAYERS; ++i) {
            (address player, uint256 key) = makeAccount(string(abi.encodePacked("player ", bytes1(uint8(0x30 + i)))));
            (players.push(), keys.push()) = (player, key);
            fund(player);
            model.fund(player, WALLET, FREE_STAKE);
        }
        address enclaveKey = vm.addr(enclaveSecret);
        for (uint256 id = 1; id <= NODES; ++id) {
            nodes.addNode(id, players[FIRST_PROVIDER + (id % 3)], enclaveKey);
            // The last one was never attested.
            VerifierKind kind = id % 2 == 0 ? VerifierKind.OnChain : VerifierKind.Quorum;
            if (id != NODES) nodes.attest(id, MR_ENCLAVE, kind, block.timestamp + 30 days);
        }
        for (uint256 i; i < VALIDATORS; ++i) _join(players[FIRST_VALIDATOR + i], MINIMUM_STAKE + 7 ** i);
        for (uint256 i; i < 8; ++i) _beginDataset(i);
    }

    function register(uint256 seed) external acts(seed) {
        if (grants.datasetCount() == MAX_DATASETS || _roll(3) != 0) return;
        (address owner, uint96 price) = (_anOwner(), uint96(_amount()));
        model.register(owner, price);
        vm.prank(owner);
        assertEq(grants.register(keccak256("data"), price, ""), model.datasetCount(), "dataset's id");
        ++done["register"];
    }

    function setPrice(uint256 seed) external acts(seed) {
        uint256 datasetId = 1 + _roll(grants.datasetCount());
        address caller = _rarely() ? _anOwner() : model.ownerOf(datasetId);
        uint96 price = uint96(_amount());
        bool allowed = model.setPrice(caller, datasetId, price);
        vm.prank(caller);
        try grants.setPrice(datasetId, price) {
            _went("setPrice", allowed);
        } catch (bytes memory reason) {
            _was("setPrice", allowed, reason);
        }
    }

    function grant(uint256 seed) external acts(seed) {
        GrantTerms memory terms;
        terms.datasetId = 1 + _roll(grants.datasetCount());
        terms.nodeId = 1 + _roll(NODES);
        terms.mrEnclave = _rarely() ? bytes32(0) : MR_ENCLAVE;
        terms.enclaveKey = _rarely() ? stranger : vm.addr(enclaveSecret);
        terms.until = uint40(
            block.timestamp +
                _roll(
                    _rarely()
                        ? 2
                        : _roll(4) == 0
                            ? 1 days
                            : 40 days
                )
        );
        terms.demand = _roll(2) == 0 ? AttestationDemand.Live : AttestationDemand(_roll(3));
        address caller = _rarely() ? _anOwner() : model.ownerOf(terms.datasetId);
        terms.free = nodes.factsOf(terms.nodeId).provider == caller ? _roll(2) == 0 : _rarely();
        bool allowed = model.grant(caller, terms);
        vm.prank(caller);
        try grants.grant(terms) {
            _went(terms.free ? "grantFree" : "grant", allowed);
        } catch (bytes memory reason) {
            _was("grant", allowed, reason);
        }
    }

    function revoke(uint256 seed) external acts(seed) {
        if (_roll(2) == 0) return;
        (uint256 datasetId, uint256 nodeId) = (1 + _roll(grants.datasetCount()), 1 + _roll(NODES));
        address caller = _rarely() ? _anOwner() : model.ownerOf(datasetId);
        bool allowed = model.revoke(caller, datasetId, nodeId);
        vm.prank(caller);
        try grants.revoke(datasetId, nodeId) {
            _went("revoke", allowed);
        } catch (bytes memory reason) {
            _was("revoke", allowed, reason);
        }
    }

    /// @notice A node attests, first or again, lapses, takes nothing new for a while, or ends. The first two live on.
    function changeNode(uint256 seed) external acts(seed) {
        uint256 nodeId = 1 + _roll(NODES);
        uint256 kind = _roll(8);
        NodeFacts memory node = nodes.factsOf(nodeId);
        if (kind < 4) {
            VerifierKind verifier = _roll(2) == 0 ? VerifierKind.Quorum : VerifierKind.OnChain;
            nodes.attest(nodeId, MR_ENCLAVE, verifier, block.timestamp + _roll(40 days));
        } else if (kind == 4 && node.attestations != 0) {
            nodes.attest(nodeId, MR_ENCLAVE, node.kind, block.timestamp);
        } else if (kind < 7) {
            nodes.setOpen(nodeId, _roll(6) != 0);
        } else if (nodeId > 2) {
            if (_roll(2) == 0) nodes.setEnd(nodeId, block.timestamp + _roll(2 days));
            else nodes.discredit(nodeId);
            ++done["endNode"];
        }
    }

    /// @notice Somebody adds stake, takes some, or lets tasks lock more or less of it. Who only owns datasets keeps what it gets.
    function changeStake(uint256 seed) external acts(seed) {
        address account = players[PURE_OWNERS + _roll(PLAYERS - PURE_OWNERS)];
        (uint256 kind, uint256 amount) = (_roll(3), _roll(2) == 0 ? FREE_STAKE : _amount());
        if (kind == 0) {
            amount = amount > 1e24 ? 1e24 : amount + 1;
            model.deposit(account, amount);
            vm.prank(account);
            vault.deposit(amount);
        } else if (kind == 1) {
            model.allowTasks(account, amount);
            vm.prank(account);
            vault.allow(address(escrow), amount);
        } else {
            bool allowed = model.takeStake(account, amount);
            vm.prank(account);
            try vault.withdraw(amount, account) {
                _went("takeStake", allowed);
            } catch (bytes memory reason) {
                _was("takeStake", allowed, reason);
            }
        }
    }

    /// @notice A validator joins or adds stake, leaves, is released, or is slashed for something else.
    function changeValidator(uint256 seed) external acts(seed) {
        address account = players[FIRST_VALIDATOR + _roll(VALIDATORS)];
        uint256 kind = _roll(8);
        if (kind < 3) _join(account, _rarely() ? 0 : _roll(10 * MINIMUM_STAKE));
        else if (kind < 5) _exit(account);
        else if (kind < 7) _release(account);
        else if (_roll(3) == 0) assertEq(quotes.slash(account), model.slashSeat(account), "slashed");
    }

    function pause(uint256 seed) external acts(seed) {
        bool paused = !model.paused() && _roll(8) == 0;
        model.setPaused(paused);
        escrow.setPaused(paused);
        if (paused) ++done["pause"];
    }

    /// @notice Somebody sends tokens to the escrow that nobody owes.
    function donate(uint256 seed) external acts(seed) {
        (address giver, uint256 amount) = (players[_roll(PLAYERS)], _amount());
        model.donate(giver, amount);
        donated += amount;
        vm.prank(giver);
        assertTrue(token.transfer(address(escrow), amount), "given");
        ++done["donate"];
    }

    function pass(uint256 seed) external acts(seed) {
        _travel(_roll(8) == 0 ? _roll(3 days) : _roll(3 hours));
    }

    function _travel(uint256 secs) internal {
        vm.warp(block.timestamp + secs);
    }

    /// @dev Comes to a deadline that is near, now and then.
    function _approach(uint256 deadline) internal {
        if (deadline > block.timestamp && deadline < block.timestamp + 1 days && _roll(4) == 0) _comeTo(deadline);
    }

    /// @dev Comes to the second before a deadline, to it, or to the one after it, if it has not passed.
    function _comeTo(uint256 deadline) internal {
        uint256 time = deadline - 1 + _roll(3);
        if (time > block.timestamp) vm.warp(time);
    }

    function _rarely() internal returns (bool) {
        return _roll(32) == 0;
    }

    /// @dev Zero, some units, or up to a million tokens.
    function _amount() internal returns (uint256) {
        uint256 digits = _roll(25);
        return _roll(10 ** digits);
    }

    /// @dev A task in one of the statuses from `first` to `last`; 0 when there is none.
    function _pick(TaskStatus first, TaskStatus last) internal returns (uint256) {
        uint256 count = escrow.taskCount();
        uint256 start = _roll(count + 1);
        for (uint256 i; i < count; ++i) {
            uint256 taskId = ((start + i) % count) + 1;
            TaskStatus status = escrow.getTask(taskId).status;
            if (status >= first && status <= last) return taskId;
        }
        return 0;
    }

    /// @dev Datasets for a task on a node, mostly granted, in order and offered at least what they cost; and what is offered in all.
    function _someDatasets(uint256 nodeId) internal returns (DatasetUse[] memory uses, uint256 sum) {
        uint256 count = grants.datasetCount();
        uint256 odds = _roll(8);
        uint256[] memory picked = new uint256[](count + 1);
        uint256 length;
        for (uint256 id = 1; id <= count + 1; ++id) {
            if (id > count ? !_rarely() : !model.holds(id, nodeId) && _roll(16) != 0) continue;
            if (odds > 1 && (odds == 2 || _roll(3) == 0)) picked[length++] = id;
        }
        if (length > 1 && _rarely()) picked[1] = picked[0];
        uses = new DatasetUse[](length);
        for (uint256 i; i < length; ++i) {
            uint256 price = model.priceOf(picked[i], nodeId);
            if (_roll(4) == 0) price += _amount();
            else if (_rarely() && price != 0) --price;
            uses[i] = DatasetUse(uint64(picked[i]), uint96(price));
            sum += price;
        }
    }

    /// @dev Some validators, mostly all that are active, and by ascending address.
    function _signers() internal returns (address[] memory signers, uint256[] memory secrets) {
        (uint256 odds, uint256 length) = (_roll(4), 0);
        (signers, secrets) = (new address[](VALIDATORS), new uint256[](VALIDATORS));
        for (uint256 i; i < VALIDATORS; ++i) {
            address account = players[FIRST_VALIDATOR + i];
            bool signs = odds == 0 ? _roll(2) == 0 : validators.isActive(account) || _rarely();
            if (!signs || (odds == 1 && _roll(5) == 0)) continue;
            uint256 j = length++;
            for (; j != 0 && signers[j - 1] > account; --j) {
                (signers[j], secrets[j]) = (signers[j - 1], secrets[j - 1]);
            }
            (signers[j], secrets[j]) = (account, keys[FIRST_VALIDATOR + i]);
        }
        // Twice the same, now and then.
        if (length > 1 && _rarely()) (signers[1], secrets[1]) = (signers[0], secrets[0]);
        assembly ("memory-safe") {
            mstore(signers, length)
            mstore(secrets, length)
        }
    }

    /// @dev One validator or two, maybe the same, in any order.
    function _someValidators() internal returns (address[] memory picked, uint256[] memory secrets) {
        uint256 length = 1 + _roll(2);
        (picked, secrets) = (new address[](length), new uint256[](length));
        for (uint256 i; i < length; ++i) {
            uint256 index = FIRST_VALIDATOR + _roll(VALIDATORS);
            (picked[i], secrets[i]) = (players[index], keys[index]);
        }
    }

    function _signed(
        address[] memory signers,
        uint256[] memory secrets,
        bytes32 digest
    ) internal pure returns (ValidatorSignature[] memory signed) {
        signed = new ValidatorSignature[](signers.length);
        for (uint256 i; i < signers.length; ++i) {
            signed[i] = ValidatorSignature({validator: signers[i], signature: signature(secrets[i], digest)});
        }
    }

    /// @dev Mostly one of those who do nothing else.
    function _anOwner() private returns (address) {
        return players[_roll(3) == 0 ? _roll(PURE_OWNERS + 3) : _roll(PURE_OWNERS)];
    }

    /// @dev A dataset that all attested nodes may use for the first months.
    function _beginDataset(uint256 i) private {
        (address owner, uint96 price) = (players[i % (PURE_OWNERS + 3)], uint96(_amount()));
        model.register(owner, price);
        vm.startPrank(owner);
        uint256 datasetId = grants.register(keccak256(abi.encode("data", i)), price, "ipfs://data");
        for (uint256 nodeId = 1; nodeId < NODES; ++nodeId) {
            uint40 until = uint40(block.timestamp + 60 days);
            bool free = nodes.factsOf(nodeId).provider == owner;
            GrantTerms memory terms = GrantTerms(
                datasetId,
                nodeId,
                MR_ENCLAVE,
                vm.addr(enclaveSecret),
                until,
                AttestationDemand.Live,
                free
            );
            assertTrue(model.grant(owner, terms), "granted");
            grants.grant(terms);
        }
        vm.stopPrank();
    }

    function _join(address account, uint256 amount) private {
        bool allowed = model.join(account, amount);
        vm.prank(account);
        try validators.join(amount) {
            _went("join", allowed);
        } catch (bytes memory reason) {
            _was("join", allowed, reason);
        }
    }

    function _exit(address account) private {
        bool allowed = model.exit(account);
        vm.prank(account);
        try validators.exit() {
            _went("exit", allowed);
        } catch (bytes memory reason) {
            _was("exit", allowed, reason);
        }
    }

    function _release(address account) private {
        bool allowed = model.release(account);
        try validators.release(account) {
            _went("release", allowed);
        } catch (bytes memory reason) {
            _was("release", allowed, reason);
        }
    }
}
