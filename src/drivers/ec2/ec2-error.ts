import { BeltError, type BeltErrorOptions, ExitCode, reasonOf } from '../../errors.ts'

interface Ec2ErrorOptions extends BeltErrorOptions {
  refusal?: string
  isCertain?: boolean
}

/** EC2 refused a request or did not answer. */
export class Ec2Error extends BeltError {
  /** The API's error code, such as `InvalidAMIID.NotFound`; absent if there was no answer. */
  readonly refusal: string | undefined
  /** Whether EC2 certainly did nothing. Otherwise the request may have taken effect. */
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
 * Translates an error of the SDK into a message for the operator.
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
            ? `check that ${region} is a valid region, and check your network connection`
            : 'try again; run belt ls to list the machines',
      },
    )
  }
  const { requestId, httpStatusCode } = $metadata
  if (isForeign(error)) return notEc2(what, region, httpStatusCode, error)
  return new Ec2Error('ec2-refused', `EC2 in ${region} failed ${what}: ${message} (${name})`, {
    refusal: name,
    isCertain: httpStatusCode < 500 || /Capacity/.test(name),
    cause: error,
    details: { refusal: name, region, ...(requestId !== undefined && { requestId }) },
    ...adviceOn(name),
  })
}

/** An answer that the SDK cannot read, such as the page of a proxy. */
function isForeign(error: unknown): boolean {
  const { name = '', message = '' } = (error ?? {}) as SdkError
  return name === 'SyntaxError' || /XML parse error|Deserialization error|mismatched tags/i.test(message)
}

function notEc2(what: string, region: string, status: number, cause: unknown): Ec2Error {
  return new Ec2Error(
    'not-ec2',
    `something other than EC2 answered while ${what} in ${region} (HTTP ${status})`,
    {
      cause,
      hint: 'a proxy may have answered instead of EC2: check HTTPS_PROXY, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_EC2',
      details: { status, region },
    },
  )
}

/** @param deadlineMs how long Belt waited for an answer */
export function ec2Timeout(what: string, region: string, deadlineMs: number): Ec2Error {
  return new Ec2Error(
    'ec2-timeout',
    `EC2 in ${region} did not answer within ${Math.round(deadlineMs / 1000)} s while ${what}`,
    { hint: 'try again; run belt ls to list the machines' },
  )
}

export function noRegion(cause: unknown): Ec2Error {
  return new Ec2Error('no-region', 'no EC2 region set', {
    cause,
    exitCode: ExitCode.precheck,
    hint: 'run belt cluster update region=us-west-1, or export AWS_REGION=us-west-1',
  })
}

function noCredentials(message: string, cause: unknown): Ec2Error {
  return new Ec2Error('no-credentials', `no AWS credentials found: ${message}`, {
    cause,
    exitCode: ExitCode.precheck,
    hint: [
      'export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run aws configure',
      'or aws sso login; set ec2.profile or AWS_PROFILE to use a profile',
    ].join(' '),
  })
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /^(AuthFailure|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch)/,
    'AWS rejected the credentials: check them with aws sts get-caller-identity',
  ],
  [
    /^(RequestExpired|ExpiredToken)/,
    "the credentials have expired, or this computer's clock is wrong: log in again (aws sso login)",
  ],
  [
    /^UnauthorizedOperation/,
    'grant the user or role permission for this action; docs/clouds/ec2.md lists all required permissions',
  ],
  [/^OptInRequired|PendingVerification/, 'enable the region, or wait for AWS to verify the account'],
  [
    /^(Insufficient(Instance|Reserved)?.*Capacity|InsufficientHostCapacity)/,
    'try again later, or use another size or other zones (ec2.zones)',
  ],
  [
    /^(Vcpu|Instance|MaxSpotInstance)\w*LimitExceeded/,
    'request a higher limit (Service Quotas, EC2, Running On-Demand instances), use a smaller size, or remove machines',
  ],
  [
    /^VolumeLimitExceeded|MaxIOPSLimitExceeded/,
    'request more EBS storage (Service Quotas), or set a smaller ec2.volume_size',
  ],
  [
    /^InvalidAMIID|^InvalidParameter.*ssm/i,
    'images are specific to a region: set ec2.image to an image in this region, or to ubuntu-24.04',
  ],
  [
    /^InvalidKeyPair\.NotFound/,
    'key pairs are specific to a region: set ec2.key_name to a key pair in this region, or remove it',
  ],
  [
    /^Invalid(Group|SecurityGroup|GroupId)/,
    'set ec2.security_group to a group in this region and VPC, or remove it',
  ],
  [/^InvalidSubnet/, 'set ec2.subnet to a subnet in this region, or remove it'],
  [/^InsufficientFreeAddressesInSubnet/, 'use a larger subnet, or several subnets (ec2.subnet)'],
  [
    /^(VPCIdNotSpecified|DefaultVpcDoesNotExist|MissingInput)/,
    'the region has no default VPC: set ec2.subnet',
  ],
  [/^Unsupported/, 'use another size or other zones (ec2.zones): not every zone offers every type'],
  [
    /^(InvalidInstanceType|InvalidParameterValue|InvalidParameterCombination)/,
    'check ec2.size, ec2.image and ec2.zones',
  ],
  [/^(RequestLimitExceeded|Throttling)/, 'other programs are using the account too: try again in a minute'],
  [
    /^OperationNotPermitted/,
    'disable termination protection first (EC2 console, or aws ec2 modify-instance-attribute)',
  ],
]

function adviceOn(refusal: string): { hint?: string } {
  const hint = ADVICE.find(([pattern]) => pattern.test(refusal))?.[1]
  return hint === undefined ? {} : { hint }
}
