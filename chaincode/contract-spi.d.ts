/** fabric-shim ships this without typings: what its own launcher makes of contracts. */
declare module "fabric-shim/lib/contract-spi/chaincodefromcontract" {
  import type { Contract } from "fabric-contract-api";
  import type { ChaincodeInterface } from "fabric-shim-api";

  const ChaincodeFromContract: new (
    contracts: (new () => Contract)[],
    serializers: { readonly transaction: string; readonly serializers: Readonly<Record<string, new () => object>> },
  ) => ChaincodeInterface;
  export = ChaincodeFromContract;
}
