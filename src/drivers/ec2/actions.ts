import type * as Sdk from '@aws-sdk/client-ec2'

/** The EC2 API actions that Belt uses. */
export interface Ec2Actions {
  RunInstances: [Sdk.RunInstancesCommandInput, Sdk.RunInstancesCommandOutput]
  DescribeInstances: [Sdk.DescribeInstancesCommandInput, Sdk.DescribeInstancesCommandOutput]
  TerminateInstances: [Sdk.TerminateInstancesCommandInput, Sdk.TerminateInstancesCommandOutput]
  StopInstances: [Sdk.StopInstancesCommandInput, Sdk.StopInstancesCommandOutput]
  StartInstances: [Sdk.StartInstancesCommandInput, Sdk.StartInstancesCommandOutput]
  RebootInstances: [Sdk.RebootInstancesCommandInput, Sdk.RebootInstancesCommandOutput]
  ModifyInstanceAttribute: [Sdk.ModifyInstanceAttributeCommandInput, Sdk.ModifyInstanceAttributeCommandOutput]
  DescribeInstanceTypes: [Sdk.DescribeInstanceTypesCommandInput, Sdk.DescribeInstanceTypesCommandOutput]
  DescribeImages: [Sdk.DescribeImagesCommandInput, Sdk.DescribeImagesCommandOutput]
  DescribeVpcs: [Sdk.DescribeVpcsCommandInput, Sdk.DescribeVpcsCommandOutput]
  DescribeSubnets: [Sdk.DescribeSubnetsCommandInput, Sdk.DescribeSubnetsCommandOutput]
  DescribeSecurityGroups: [Sdk.DescribeSecurityGroupsCommandInput, Sdk.DescribeSecurityGroupsCommandOutput]
  CreateSecurityGroup: [Sdk.CreateSecurityGroupCommandInput, Sdk.CreateSecurityGroupCommandOutput]
  AuthorizeSecurityGroupIngress: [
    Sdk.AuthorizeSecurityGroupIngressCommandInput,
    Sdk.AuthorizeSecurityGroupIngressCommandOutput,
  ]
  DeleteSecurityGroup: [Sdk.DeleteSecurityGroupCommandInput, Sdk.DeleteSecurityGroupCommandOutput]
  DescribeKeyPairs: [Sdk.DescribeKeyPairsCommandInput, Sdk.DescribeKeyPairsCommandOutput]
  ImportKeyPair: [Sdk.ImportKeyPairCommandInput, Sdk.ImportKeyPairCommandOutput]
  DeleteKeyPair: [Sdk.DeleteKeyPairCommandInput, Sdk.DeleteKeyPairCommandOutput]
}

export type Ec2Action = keyof Ec2Actions
export type Input<A extends Ec2Action> = Ec2Actions[A][0]
export type Output<A extends Ec2Action> = Ec2Actions[A][1]
