/** What an answer holds: a list becomes a sequence of `item`, undefined becomes nothing. */
export type XmlValue = string | number | boolean | undefined | XmlStructure | readonly XmlValue[]
export interface XmlStructure {
  readonly [key: string]: XmlValue
}

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/'

export function answerXml(action: string, requestId: string, result: XmlStructure): string {
  const content = elements({ requestId, ...result })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="${NAMESPACE}">${content}</${action}Response>`
}

export function errorXml(requestId: string, Code: string, Message: string): string {
  const errors = `<Errors><Error>${elements({ Code, Message })}</Error></Errors>`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Response>${errors}<RequestID>${requestId}</RequestID></Response>`
}

function elements(structure: XmlStructure): string {
  return Object.entries(structure)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `<${key}>${content(value)}</${key}>`)
    .join('')
}

function content(value: XmlValue): string {
  if (Array.isArray(value)) return value.map(item => `<item>${content(item)}</item>`).join('')
  if (typeof value === 'object') return elements(value as XmlStructure)
  return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
