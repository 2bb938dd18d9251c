import { unsupportedApiVersion } from '../callAutomation/errors.ts';
import { checkSignature } from '../callAutomation/signature.ts';
import type { SignatureCheck } from '../callAutomation/signature.ts';
import { Refusal, json } from '../http/answer.ts';
import { param } from '../http/router.ts';
import type { Route } from '../http/router.ts';

const apiVersion = '2025-04-01';

export interface PhoneNumberParts {
  /** The telephone numbers of the resource, E.164. */
  phoneNumbers: ReadonlySet<string>;
  signature: SignatureCheck;
}

/** The one operation of Phone Numbers 2025-04-01 that is emulated: whether the resource owns a number. */
export function phoneNumberRoutes({ phoneNumbers, signature }: PhoneNumberParts): Route[] {
  return [
    {
      method: 'GET',
      path: '/phoneNumbers/{phoneNumber}',
      operation: 'getPhoneNumber',
      handle: (request) => {
        checkSignature(request, signature);
        if (request.url.searchParams.get('api-version') !== apiVersion)
          throw unsupportedApiVersion(request.url.href);
        const phoneNumber = param(request, 'phoneNumber');
        if (!phoneNumbers.has(phoneNumber)) {
          const message = 'The phone number is not one of this resource.';
          throw new Refusal(message, json(404, { error: { code: 'NotFound', message } }));
        }
        return json(200, {
          id: phoneNumber.slice(1),
          phoneNumber,
          countryCode: 'DE',
          phoneNumberType: 'geographic',
          assignmentType: 'application',
          capabilities: { calling: 'outbound', sms: 'none' },
          purchaseDate: '2026-01-07T08:00:00.000+00:00',
          cost: { amount: 1, currencyCode: 'EUR', billingFrequency: 'monthly' },
        });
      },
    },
  ];
}
