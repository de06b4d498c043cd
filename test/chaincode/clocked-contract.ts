/** The contract as an endorser runs it whose clock has stopped. */
import SuyuanContract from "../../chaincode/contract";

SuyuanContract.clock = () => Date.parse("2026-07-01T12:00:00+08:00");

export default SuyuanContract;
