/**
 * The chaincode as Fabric runs it. As a program it is a chaincode service (see `service.ts`); as a module it is what `fabric-chaincode-node`
 * looks for in networks that build and start chaincode themselves.
 */
import SuyuanContract from "./contract";
import { main } from "./service";

SuyuanContract.clock = Date.now;

export { serializers } from "./serializer";
export const contracts = [SuyuanContract];

if (require.main === module) main(SuyuanContract);
