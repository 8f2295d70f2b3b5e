// How amounts, times and states are said.
interface Amount {
  amount: string;
  currency: string;
}

/** Exactly: the amount is a decimal text, and stays one. */
export const money = ({ amount, currency }: Amount): string =>
  new Intl.NumberFormat("en-GB", { style: "currency", currency }).format(amount as `${number}`);

export function time(text: string): string {
  const date = new Date(text);
  const isToday = date.toDateString() === new Date().toDateString();
  const form: Intl.DateTimeFormatOptions = isToday
    ? { hour: "2-digit", minute: "2-digit" }
    : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat("en-GB", form).format(date);
}

/** What something costs that comes in several ways. */
export const span = ({ min, max }: { min: Amount; max: Amount }): string =>
  min.amount === max.amount ? money(min) : `from ${money(min)}`;

const STEPS: Record<string, string> = {
  PLACED: "Order placed",
  PAID: "Paid",
  PACKED: "Packed",
  SHIPPED: "On its way",
  DELIVERED: "Delivered",
  COMPLETED: "Completed",
  CANCELLED: "Cancelled",
  UNFULFILLED: "Not sent yet",
  PARTIALLY_SHIPPED: "Partly on its way",
  REFUNDED: "Refunded",
};

/** A state or a step in words, one that is newer than this page too. */
export const words = (state: string): string =>
  STEPS[state] ?? state.charAt(0) + state.slice(1).toLowerCase().replaceAll("_", " ");

interface Content {
  __typename: string;
  text?: string;
  step?: string;
}

export function said(content: Content): string {
  switch (content.__typename) {
    case "TextContent":
      return content.text ?? "";
    case "OrderStepContent":
      return words(content.step ?? "");
    case "DeletedContent":
      return "This message was taken back.";
    default:
      return "Something that this page does not know";
  }
}

export const stock = (pieces: number): string =>
  pieces === 0 ? "Sold out" : pieces <= 10 ? `Only ${pieces} left` : `${pieces} in stock`;
