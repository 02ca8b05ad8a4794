import { BeltError, type BeltErrorOptions, ExitCode, reasonOf } from '../../errors.ts'

interface Ec2ErrorOptions extends BeltErrorOptions {
  refusal?: string
  isCertain?: boolean
}

/** EC2 refused, or gave no answer. */
export class Ec2Error extends BeltError {
  /** The API's own code of a refusal, such as `InvalidAMIID.NotFound`; absent when there was no answer. */
  readonly refusal: string | undefined
  /** EC2 has done nothing for certain; otherwise the answer to what it did may be lost. */
  readonly isCertain: boolean

  constructor(code: string, message: string, options: Ec2ErrorOptions = {}) {
    super(code, message, options)
    this.refusal = options.refusal
    this.isCertain = options.isCertain ?? false
  }
}

export function isRefusal(error: unknown, pattern: RegExp): error is Ec2Error {
  return error instanceof Ec2Error && pattern.test(error.refusal ?? '')
}

interface SdkError {
  name?: string
  code?: string
  message?: string
  $metadata?: { httpStatusCode?: number; requestId?: string }
}

/**
 * Says for the operator what the SDK's error means.
 * @param what was being done, such as "listing the instances"
 */
export function ec2Error(error: unknown, what: string, region: string): Ec2Error {
  const { name = '', message = '', code, $metadata } = (error ?? {}) as SdkError
  if (/CredentialsProviderError|TokenProviderError/.test(name)) return noCredentials(message, error)
  if ($metadata?.httpStatusCode === undefined) {
    return new Ec2Error(
      'ec2-unreachable',
      `no answer from EC2 in ${region} while ${what}: ${reasonOf(error)}`,
      {
        cause: error,
        exitCode: ExitCode.precheck,
        hint:
          code === 'ENOTFOUND'
            ? `see whether there is a region ${region}, and a connection to it`
            : 'try again; what exists is shown by: belt ls',
      },
    )
  }
  const { requestId, httpStatusCode } = $metadata
  return new Ec2Error('ec2-refused', `EC2 in ${region} failed ${what}: ${message} (${name})`, {
    refusal: name,
    isCertain: httpStatusCode < 500 || /Capacity/.test(name),
    cause: error,
    details: { refusal: name, region, ...(requestId !== undefined && { requestId }) },
    ...adviceOn(name),
  })
}

/** @param deadlineMs how long EC2 was waited for */
export function ec2Timeout(what: string, region: string, deadlineMs: number): Ec2Error {
  return new Ec2Error(
    'ec2-timeout',
    `EC2 in ${region} gave no answer within ${Math.round(deadlineMs / 1000)} s while ${what}`,
    { hint: 'try again; what exists is shown by: belt ls' },
  )
}

export function noRegion(cause: unknown): Ec2Error {
  return new Ec2Error('no-region', 'no region of EC2 is set', {
    cause,
    exitCode: ExitCode.precheck,
    hint: 'belt cluster update region=us-west-1, or export AWS_REGION=us-west-1',
  })
}

function noCredentials(message: string, cause: unknown): Ec2Error {
  return new Ec2Error('no-credentials', `there are no credentials for AWS: ${message}`, {
    cause,
    exitCode: ExitCode.precheck,
    hint: [
      'export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run aws configure,',
      'or aws sso login; ec2.profile or AWS_PROFILE names a profile',
    ].join(' '),
  })
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /^(AuthFailure|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch)/,
    'AWS does not accept the credentials: check them with aws sts get-caller-identity',
  ],
  [
    /^(RequestExpired|ExpiredToken)/,
    'the credentials have expired, or the clock is wrong: log in anew (aws sso login)',
  ],
  [/^UnauthorizedOperation/, 'allow the user or role this action; docs/clouds/ec2.md lists what Belt needs'],
  [/^OptInRequired|PendingVerification/, 'enable the region, or wait until AWS has verified the account'],
  [
    /^(Insufficient(Instance|Reserved)?.*Capacity|InsufficientHostCapacity)/,
    'try again later, or choose another size, or other zones (ec2.zones)',
  ],
  [
    /^(Vcpu|Instance|MaxSpotInstance)\w*LimitExceeded/,
    'ask for a higher limit (Service Quotas, EC2, Running On-Demand instances), choose a smaller size, or remove machines',
  ],
  [
    /^VolumeLimitExceeded|MaxIOPSLimitExceeded/,
    'ask for more EBS storage (Service Quotas), or set a smaller ec2.volume_size',
  ],
  [
    /^InvalidAMIID|^InvalidParameter.*ssm/i,
    'an image belongs to one region: set ec2.image to one of this region, or to ubuntu-24.04',
  ],
  [
    /^InvalidKeyPair\.NotFound/,
    'a key pair belongs to one region: set ec2.key_name to one of this region, or leave it out',
  ],
  [
    /^Invalid(Group|SecurityGroup|GroupId)/,
    'set ec2.security_group to one of this region and VPC, or leave it out',
  ],
  [/^InvalidSubnet/, 'set ec2.subnet to a subnet of this region, or leave it out'],
  [/^InsufficientFreeAddressesInSubnet/, 'use a larger subnet, or several (ec2.subnet)'],
  [
    /^(VPCIdNotSpecified|DefaultVpcDoesNotExist|MissingInput)/,
    'the region has no default VPC: set ec2.subnet',
  ],
  [/^Unsupported/, 'choose another size or other zones (ec2.zones): not every zone has every type'],
  [
    /^(InvalidInstanceType|InvalidParameterValue|InvalidParameterCombination)/,
    'check ec2.size, ec2.image and ec2.zones',
  ],
  [/^(RequestLimitExceeded|Throttling)/, 'others use the account as well: try again in a minute'],
  [
    /^OperationNotPermitted/,
    'turn off its termination protection first (EC2 console, or aws ec2 modify-instance-attribute)',
  ],
]

function adviceOn(refusal: string): { hint?: string } {
  const hint = ADVICE.find(([pattern]) => pattern.test(refusal))?.[1]
  return hint === undefined ? {} : { hint }
}
