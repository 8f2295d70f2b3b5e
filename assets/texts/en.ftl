### What Agora says to people in English, in mail and on its own pages (https://projectfluent.org).
###
### A mail has a subject and a text. A paragraph that is only a code stands large; one that is only a link becomes a button
### with the text of `action`. Where `name` is empty (guests, whose address nobody has proven), the blank before the comma goes.

## Mail about an account

# Somebody signs up. $code: six digits. $link: a page that confirms as well, with the password.
# No names in mail to addresses that nobody has proven: a stranger could have it say anything.
verification =
    .subject = { $code } is your code
    .action = Confirm my address
    .text =
        Hello,

        your code is

        { $code }

        It is good for 30 minutes. Instead of typing it you can follow this link, and give your password:

        { $link }

        If you did not ask for it, you need not do anything.

# Somebody signs up with, or changes to, an address that has an account.
address-taken =
    .subject = You already have an account
    .text =
        Hello,

        somebody wanted to use your address for an account. You already have one: sign in with your password, or choose a new one if you have forgotten it.

        If it was not you, you need not do anything.

# A key of a session came back after it had been used, so the session was ended.
session-reused =
    .subject = You were signed out on one device
    .text =
        Hello { $name },

        a device of yours was signed out because somebody used an old key of its session. If this happens again, change your password.

# Somebody forgot the password. $link: a page where a new one is chosen.
password-reset =
    .subject = Choose a new password
    .action = Choose a new password
    .text =
        Hello { $name },

        here you can choose a new password. The link is good for one hour, and once:

        { $link }

        If you did not ask for it, you need not do anything: your password stays as it is.

password-changed =
    .subject = Your password was changed
    .text =
        Hello { $name },

        your password was changed, and all your other devices were signed out.

        Your passkeys and your accounts at other places still sign in: look in the settings whether all of them are yours.

        If it was not you, choose a new password at once: ask for a link with “forgot password”.

# To the new address. $code and $link as above.
email-change =
    .subject = { $code } is your code
    .action = Use this address
    .text =
        Hello,

        you want to use this address for your account. Your code is

        { $code }

        It is good for 30 minutes. Instead of typing it you can follow this link, and give your password:

        { $link }

        If you did not ask for it, you need not do anything.

# To the old address. $email: the new one.
email-change-asked =
    .subject = Your address is to be changed
    .text =
        Hello { $name },

        somebody who knows your password wants to use { $email } for your account instead of this address.

        If it was not you, change your password now.

# To both addresses. $email: the new one.
email-changed =
    .subject = Your address was changed
    .text =
        Hello { $name },

        your account has the address { $email } from now on. Sign in with it.

        If it was not you, write to the market's support at once.

# An account at a provider was linked. $provider: what people call it.
identity-linked =
    .subject = You can sign in with { $provider }
    .text =
        Hello { $name },

        an account at { $provider } was linked with yours: whoever has it can sign in as you from now on.

        If it was not you, take the link away in your settings, and choose a new password: ask for a link with “forgot password”.

identity-unlinked =
    .subject = You can no longer sign in with { $provider }
    .text =
        Hello { $name },

        the link between your account and the one at { $provider } was taken away. Nobody signs in by it any more.

        If it was not you, choose a new password at once: ask for a link with “forgot password”.

# Somebody set up an authenticator.
second-factor-added =
    .subject = Signing in now takes a second step
    .text =
        Hello { $name },

        an authenticator was set up for your account. From now on signing in takes a code from it, beside your password. Keep your recovery codes where you find them if you lose it.

        If it was not you, change your password at once and write to the market's support.

# Somebody switched the second factor off.
second-factor-removed =
    .subject = Signing in takes your password alone again
    .text =
        Hello { $name },

        the second step of signing in was switched off for your account.

        If it was not you, change your password at once and write to the market's support.

# Somebody gave the right password and then five wrong codes.
second-factor-refused =
    .subject = Somebody gives wrong codes for your account
    .text =
        Hello { $name },

        somebody gave several wrong codes in a row for the second step of signing in. They were not let in.

        If it was not you, somebody knows your password or uses one of your devices: choose another password now. After a hundred wrong codes those of your authenticator are taken no more, until you have chosen a new password by “forgot password”, or used a recovery code or a passkey.

# A recovery code was used up.
recovery-code-used =
    .subject = A recovery code was used
    .text =
        Hello { $name },

        one of the recovery codes of your account was used. It is good no more; if few are left, make new ones.

        If it was not you, change your password at once, and make new recovery codes.

# Somebody made new recovery codes.
recovery-codes-renewed =
    .subject = You have new recovery codes
    .text =
        Hello { $name },

        new recovery codes were made for your account. Those from before are good no more.

        If it was not you, change your password at once and write to the market's support.

# Somebody added a passkey.
passkey-added =
    .subject = A passkey was added
    .text =
        Hello { $name },

        a passkey was added to your account: a device or an application that signs in without your password.

        If it was not you, remove it in your settings, and change your password at once.

# Somebody removed a passkey.
passkey-removed =
    .subject = A passkey was removed
    .text =
        Hello { $name },

        a passkey was removed from your account. It signs in no more; you can delete it on your device as well.

        If it was not you, change your password at once and write to the market's support.

# A passkey counted less than before.
passkey-copied =
    .subject = There may be a copy of one of your passkeys
    .text =
        Hello { $name },

        one of your passkeys was used, and counted less than it had before. It may have been copied.

        If you have not set the device up anew, remove the passkey in your settings and make another one.

## Mail about orders

# To the buyer. $number: as it is spoken. $total: such as 12.50 GBP. $link: the order.
order-paid =
    .subject = Your order { $number } is paid
    .action = See my order
    .text =
        Hello { $name },

        thank you. Your order { $number } is paid, { $total } in all, and the shops know of it.

        { $link }

# To the buyer of an order that is not paid here. $number: as it is spoken. $total: such as 12.50 GBP. $link: the order.
order-placed =
    .subject = Your order { $number } is placed
    .action = See my order
    .text =
        Hello { $name },

        thank you. Your order { $number } is placed, { $total } in all, and the shops know of it. How you pay it you settle with them.

        { $link }

# To the buyer, once their bank has promised what the order costs. $number: as it is spoken. $total: such as 12.50 GBP. $link: the order.
order-authorized =
    .subject = Your order { $number } is placed
    .action = See my order
    .text =
        Hello { $name },

        thank you. Your bank has promised { $total } for your order { $number }, and the shops know of it. The money is taken when something is sent, at the latest some days from now, and only what you are sent is paid for.

        { $link }

# To the buyer, when their bank's promise came to nothing before the money was taken.
order-authorization-lost =
    .subject = Please pay your order { $number } once more
    .action = Pay now
    .text =
        Hello { $name },

        your bank has not kept what it promised for your order { $number }, so it is not paid. Please pay it once more. If nothing of it is packed, it is called off three days from now.

        { $link }

# To the buyer, when what they added to a paid order was not paid in time.
order-addition-lapsed =
    .subject = What you added to your order { $number } was taken out again
    .action = See the order
    .text =
        Hello { $name },

        what you added to your order { $number } was not paid in time, so it was taken out again and is for sale. Everything else you ordered stays as it was. If you still want it, add it once more.

        { $link }

# To the buyer. $number: as it is spoken. $total: such as 12.50 GBP. $link: the order.
order-unpaid =
    .subject = Your order { $number } was called off
    .action = See the order
    .text =
        Hello { $name },

        your order { $number } over { $total } was not paid in time, so it was called off, and what was held for you is for sale again. If you still want it, order it once more.

        { $link }

# To the buyer, once money is on its way back.
order-refunded =
    .subject = { $amount } for your order { $number }
    .action = See the order
    .text =
        Hello { $name },

        { $amount } of what you paid for your order { $number } goes back to where it came from. Depending on how you paid, it takes a few days to arrive. This is what you are told about it:

        { $reason }

        { $link }

# To a guest, once money is on its way back.
order-refunded-unsaid =
    .subject = { $amount } for your order { $number }
    .action = See the order
    .text =
        Hello { $name },

        { $amount } of what you paid for your order { $number } goes back to where it came from. Depending on how you paid, it takes a few days to arrive.

        { $link }

# To the buyer, once money is on its way back that was too much or came too late.
order-overpaid =
    .subject = { $amount } for your order { $number }
    .action = See the order
    .text =
        Hello { $name },

        { $amount } came in for your order { $number } that was not owed: it was paid already, had been called off, or costs something else by now. It goes back to where it came from. Depending on how you paid, it takes a few days to arrive.

        { $link }

# To the buyer, once something is on its way.
order-shipped =
    .subject = Your order { $number } is on its way
    .action = See the order
    .text =
        Hello { $name },

        something of your order { $number } is on its way to you.

        { $link }

# To the buyer, once something is on its way that can be followed.
order-shipped-tracked =
    .subject = Your order { $number } is on its way
    .action = See the order
    .text =
        Hello { $name },

        something of your order { $number } is on its way to you. This is how it can be followed:

        { $tracking }

        { $link }

# To the buyer, when a shop has called off what it cannot send.
order-called-off =
    .subject = Something of your order { $number } was called off
    .action = See the order
    .text =
        Hello { $name },

        a shop cannot send everything that you ordered with { $number }, and has called it off. If you have paid for it, that goes back to you. This is what you are told about it:

        { $reason }

        { $link }

# To a guest, when a shop has called off what it cannot send.
order-called-off-unsaid =
    .subject = Something of your order { $number } was called off
    .action = See the order
    .text =
        Hello { $name },

        a shop cannot send everything that you ordered with { $number }, and has called it off. If you have paid for it, that goes back to you.

        { $link }

# To the buyer, when a shop takes something back.
return-approved =
    .subject = You can send back something of your order { $number }
    .action = See the order
    .text =
        Hello { $name },

        you can send back what you asked for of your order { $number }. This is what you are told about it:

        { $reason }

        { $link }

# To the buyer, when a shop does not take something back.
return-declined =
    .subject = Something of your order { $number } is not taken back
    .action = See the order
    .text =
        Hello { $name },

        what you wanted to send back of your order { $number } is not taken back. This is what you are told about it:

        { $reason }

        { $link }

# To the buyer, when something has come back.
return-received =
    .subject = Something of your order { $number } has come back
    .action = See the order
    .text =
        Hello { $name },

        what you sent back of your order { $number } has arrived. This is what you are told about it:

        { $reason }

        { $link }

# To the buyer, when a shop has answered a claim.
claim-answered =
    .subject = An answer about your order { $number }
    .action = See the order
    .text =
        Hello { $name },

        you complained about your order { $number }, and this is the answer. If it is not enough, have our staff decide within seven days:

        { $reason }

        { $link }

# To the buyer, when the staff look at a claim.
claim-escalated =
    .subject = We look at your order { $number }
    .action = See the order
    .text =
        Hello { $name },

        you complained about your order { $number }. Our staff look at it now, and decide.

        { $link }

# To the buyer, when the staff have decided.
claim-decided =
    .subject = A decision about your order { $number }
    .action = See the order
    .text =
        Hello { $name },

        you complained about your order { $number }, and our staff have decided. This is what they say:

        { $reason }

        { $link }

# To those of a shop who give money back.
shop-return-requested =
    .subject = Somebody wants to send back something of { $number }
    .text =
        Hello { $name },

        somebody wants to send back something of the order { $number }. Please look at it, and answer.

# To those of a shop who give money back.
shop-return-withdrawn =
    .subject = Nothing of { $number } comes back
    .text =
        Hello { $name },

        what somebody wanted to send back of the order { $number } they keep after all.

# To those of a shop who give money back.
shop-claim-opened =
    .subject = Somebody complains about { $number }
    .text =
        Hello { $name },

        somebody complains about the order { $number }. Please answer within three days; after that our staff decide. This is what they say:

        { $reason }

# To those of a shop who give money back.
shop-claim-escalated =
    .subject = We look at { $number }
    .text =
        Hello { $name },

        somebody complained about the order { $number }. Our staff look at it now, and decide.

# To those of a shop who give money back.
shop-claim-decided =
    .subject = A decision about { $number }
    .text =
        Hello { $name },

        somebody complained about the order { $number }, and our staff have decided. This is what they say:

        { $reason }

# To those of a shop who give money back.
shop-claim-closed =
    .subject = The claim about { $number } is settled
    .text =
        Hello { $name },

        what somebody complained of about the order { $number } is settled.

# To those of a shop who give money back.
shop-dispute-opened =
    .subject = The bank of a buyer asks about { $number }
    .text =
        Hello { $name },

        the bank of whoever paid the order { $number } takes the money back, or asks about the payment. What it takes back is taken from your balance until that is decided. The market answers the bank: tell it soon whatever shows that the goods were sent, and have arrived.

# To those of a shop who give money back.
shop-dispute-closed =
    .subject = The bank of a buyer has decided about { $number }
    .text =
        Hello { $name },

        the bank of whoever paid the order { $number } has decided who has the money. If it is yours, it is in your balance again.

# To the buyer, when a claim is over.
claim-closed =
    .subject = Your claim about { $number } is closed
    .action = See the order
    .text =
        Hello { $name },

        what you complained of about your order { $number } is closed: what you wanted has gone back, or you did not say within seven days that the answer was not enough.

        { $link }

# To those of a shop who give money back, when our staff have acted for it.
shop-return-settled =
    .subject = What somebody sends back of { $number }
    .text =
        Hello { $name },

        our staff have seen to what somebody sends back of the order { $number }. This is what they said:

        { $reason }

# To those of a shop who give money back.
shop-order-edited =
    .subject = The order { $number } was changed
    .text =
        Hello { $name },

        whoever ordered { $number } has added something to it, or does not want some of it any more. Please look at it before you pack it.

# To those of a shop who send things, when an order was called off of which they have heard.
shop-order-cancelled =
    .subject = The order { $number } was called off
    .text =
        Hello { $name },

        the order { $number } was called off before anything of it was packed. Nothing of it is to be sent, and it is in your stock again.

# To those of a shop who send things, when the promise of the buyer's bank came to nothing.
shop-authorization-lost =
    .subject = Do not send { $number } yet
    .text =
        Hello { $name },

        the bank of whoever ordered { $number } has not kept what it promised, so the order is not paid. Do not send what you have packed. Whoever ordered it is asked to pay once more; if nothing of it is packed and nobody pays, it is called off three days from now.

# To those of our staff who decide about money.
staff-claim-escalated =
    .subject = Somebody has to decide about { $number }
    .text =
        Hello { $name },

        a claim about the order { $number } waits for a decision of the market's staff.

# To those of our staff who decide about money.
staff-dispute-opened =
    .subject = The bank of a buyer takes back { $number }
    .text =
        Hello { $name },

        the bank of whoever paid the order { $number } takes the money back, or asks about the payment. See at the payment provider whether it waits for an answer.

# To those of our staff who decide about money. $due: a day and a time.
staff-dispute-due =
    .subject = The bank of a buyer takes back { $number }: answer by { $due }
    .text =
        Hello { $name },

        the bank of whoever paid the order { $number } takes the money back, or asks about the payment. Unless it is answered at the payment provider by { $due }, it keeps the money.

# To those of our staff who decide about money.
staff-refund-failed =
    .subject = Money for { $number } has not gone back
    .text =
        Hello { $name },

        the payment provider could not give back money of the order { $number }, or does not say whether it did. It is still owed: please look at it, and have it tried again.

# To the buyer, once money is on its way back for what they have called off.
order-cancelled =
    .subject = { $amount } for your order { $number }
    .action = See the order
    .text =
        Hello { $name },

        you have called off your order { $number }, or something of it, so { $amount } that you paid go back to where they came from. Depending on how you paid, it takes a few days to arrive.

        { $link }

# To those who work for a shop that has sold something.
sale =
    .subject = { $shop } has sold something: { $number }
    .text =
        Hello { $name },

        order { $number } can be sent, with { $total } for { $shop }. What has to be sent is at your desk.

## Mail about shops

# To an owner of a shop, whatever mail they want. $shop: its name.
owners-changed =
    .subject = Who owns { $shop } has changed
    .text =
        Hello { $name },

        who owns { $shop } has just changed: somebody has become an owner, or is one no more. At your desk you see who owns it now. Owners decide who works for the shop, and where its money goes.

        If it was neither you nor one of the others, put it right there at once, change your password, and tell us.

# To somebody who owned a shop until now, whatever mail they want. $shop: its name.
owner-no-more =
    .subject = You do not own { $shop } any more
    .text =
        Hello { $name },

        you are not an owner of { $shop } any more: you have given that up, or another owner has taken it from you.

        If you know nothing of it, tell us at once, and change your password. To another account than before nothing is paid out within three days.

## Mail about payouts

# To an owner of a shop. $shop: its name. $amount: with the currency.
payout-failed =
    .subject = A payout to { $shop } has failed
    .text =
        Hello { $name },

        { $amount } could not be paid out to { $shop }: the account did not take the money. It is in the shop's balance again, and nothing more is paid out until you have said at your desk where it shall go.

# To an owner of a shop, whatever mail they want. $shop: its name.
payout-account =
    .subject = The money of { $shop } goes to another account
    .text =
        Hello { $name },

        an owner of { $shop } has just said where its money goes: from now on it is paid out to the account that they named, or set up, with the payment provider.

        If it was neither you nor one of the others, see at your desk who owns the shop, name your own account there again, and change your password.

## Mail about stock

# To somebody who keeps a shop's stock. $title: of the variant. $left: how many pieces are there.
low-stock =
    .subject = { $shop } is low on { $title }
    .text =
        Hello { $name },

        of { $title } (SKU { $sku }) there is little left at { $shop }, in pieces: { $left }. You hear of it again when it was more and becomes as little once more.

# To somebody who waited for it. $title: of the variant. $price: such as 12.50 GBP.
back-in-stock =
    .subject = { $title } can be ordered again
    .text =
        Hello { $name },

        you wanted to be told: { $title } can be ordered again at { $shop }, for { $price }. This is the only mail about it.

## Mail about favourites

# To somebody who likes it. $title: of the product. $price and $known: what it costs now and cost before, such as 12.50 GBP.
costs-less =
    .subject = { $title } costs less
    .text =
        Hello { $name },

        { $title }, which you like, is to be had at { $shop } from { $price } on. When you last heard of it, it was { $known }.

## Mail about searches

# To somebody who has saved a search. $search: what they call it. $titles: new products that fit, one a line.
search-found =
    .subject = New for your search: { $search }
    .text =
        Hello { $name },

        something new fits the search { $search }, which you have saved:

        { $titles }

        You hear of it once a day at the most, as long as it is to be told to you.

## Mail about messages

# To somebody who has not read messages for a while, four times a day at the most. $messages and $conversations: how many.
message-digest =
    .subject = Unread messages: { $messages }
    .text =
        Hello { $name },

        messages wait for you to read them: { $messages }, in conversations: { $conversations }.

## Pushes

# What a device shows that is woken, if nothing more may stand there, for whoever is near may read it.
push-message = New message
push-order = News of your order
push-shop = News of your shop
push-availability = Something can be ordered again
push-price = Something that you like costs less
push-search = Something new fits a search of yours
push-news = News of the market

# Below mail that can be declined, before the link that does so.
unsubscribe = No more mail of this kind

## Mail about data

# The archive of somebody's data is there. $day: until when.
export-ready =
    .subject = Your data is ready
    .text =
        Hello { $name },

        the archive of your data that you asked for is there. You find it in your settings until { $day }.

        If you did not ask for it, change your password and look at your devices.

# Somebody asked for their account to be erased. $day: when it will be.
deletion-requested =
    .subject = Your account will be erased on { $day }
    .text =
        Hello { $name },

        your account will be erased on { $day }. Until then you can sign in as ever and call it off in your settings. Afterwards nobody can bring it back.

        If you did not ask for it, sign in, call it off and change your password.

deletion-cancelled =
    .subject = Your account stays
    .text =
        Hello { $name },

        you have called off that your account be erased. It stays as it is.

# They have become the last owner of a shop, or one of the staff, meanwhile.
deletion-put-off =
    .subject = Your account could not be erased
    .text =
        Hello { $name },

        your account was to be erased, but you are the last owner of a shop, or work for the market by now. Hand that over, then ask for it again.

# What the staff decided about somebody, or what is theirs
moderation-hidden =
    .subject = Something of yours was hidden
    .text =
        Hello { $name },

        the market's staff have hidden something of yours. Their reason: { $reason }

        You find what it was in your account. If you think that they are wrong, you can appeal there within 30 days.

moderation-warned =
    .subject = A word from the market's staff
    .text =
        Hello { $name },

        the market's staff have looked at something of yours that should not be there. Their reason: { $reason }

        You find what it was in your account. If you think that they are wrong, you can appeal there within 30 days.

moderation-suspended =
    .subject = You cannot write until { $day }
    .text =
        Hello { $name },

        until { $day } you cannot write messages and reviews on the market, but for messages about your orders. The staff's reason: { $reason }

        If you think that they are wrong, you can appeal in your account within 30 days.

moderation-suspended-for-good =
    .subject = You cannot write any more
    .text =
        Hello { $name },

        you cannot write messages and reviews on the market any more, but for messages about your orders. The staff's reason: { $reason }

        If you think that they are wrong, you can appeal in your account within 30 days.

moderation-upheld =
    .subject = The decision stands
    .text =
        Hello { $name },

        the market's staff have looked again at what they decided, and it stands. Their reason: { $reason }

moderation-overturned =
    .subject = The decision was undone
    .text =
        Hello { $name },

        the market's staff have looked again at what they decided, and have undone it. Their reason: { $reason }

# `agora mail test`
test =
    .subject = A test of your market's mail
    .text =
        Hello,

        this mail was sent by “agora mail test”. Mail leaves as it should.

## Pages

page-verify = Confirm your address
    .question = Is { $email } your address? Then give your password.
    .password = Password
    .action = Yes, confirm
    .done = { $email } is confirmed. You can sign in now.
page-reset = Choose a new password
    .question = For { $email }. At least 10 characters.
    .password = New password
    .action = Save
    .done = Your new password is good from now on, and all devices were signed out. You can sign in now.
page-order = Order { $number }
    .state = { $state ->
        [UNPAID] Not paid yet.
        [PARTIALLY_PAID] Partly paid.
        [CANCELLED] Called off.
       *[other] Paid.
    }
    .total = In all
page-document = { $kind ->
        [CREDIT_NOTE] Credit note { $number }
       *[other] Invoice { $number }
    }
    .issued = Issued on { $date }
    .order = Order { $number } of { $date }
    .invoice = About invoice { $number }
    .from = From
    .to = To
    .forgotten = Who this went to is no longer kept.
    .item = Item
    .quantity = Quantity
    .price = Price of one
    .discount = Discount
    .rate = Tax rate
    .net = Without tax
    .tax = Tax
    .gross = With tax
    .total = In all
page-unsubscribe = Decline mail
    .question = No more mail of this kind? You can have it again in your settings.
    .action = Yes, decline
    .done = You get no more mail of this kind.
page-gone = This link leads nowhere any more
    .text = It was used, is too old, or is not whole. Ask for another one.
page-busy = Please try again
    .text = There is too much to do at the moment. Come back in a little while.

## What is recommended

# Why something is. $source: the product or the shop that it rests on; `alone` where it rests on none.
recommendation-bought-together = Often ordered with { $source }
recommendation-goes-with-the-same = Goes with the same things as { $source }
recommendation-same-category = New in the category of { $source }
    .alone = New in categories that you look at
recommendation-in-cart =
    .alone = In your cart
recommendation-viewed = You looked at { $source }
    .alone = You looked at it lately
recommendation-ordered = You ordered { $source }
recommendation-history =
    .alone = Goes with what you ordered, liked and looked at
recommendation-followed-shop = From { $source }, which you follow
    .alone = From shops that you follow
recommendation-price-dropped =
    .alone = Costs less than when you began to like it
recommendation-back-in-stock =
    .alone = Can be ordered again
recommendation-trending =
    .alone = Ordered by many people lately
recommendation-best-selling =
    .alone = Among what is sold most often

# The sections of the home feed. $source: the product that a section rests on.
home-cart = Still in your cart
home-recently-viewed = Recently viewed
home-for-you = For you
home-price-drops = Cheaper now
home-back-in-stock = Back in stock
home-because-ordered = Because you ordered { $source }
home-because-viewed = Because you looked at { $source }
home-followed-shops = From shops that you follow
home-trending = Trending
home-new-in-categories = New for you
home-best-selling = Best sellers
