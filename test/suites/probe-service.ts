/** The probe contract as a chaincode service, for ledgers of Fabric. */
import { main } from "../../chaincode/service";
import ProbeContract from "./probe-contract";

main(ProbeContract);
