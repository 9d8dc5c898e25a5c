### English.

## The page

# The mark at the foot of each page.
secured_by = Secured by Kassa
# Title of the pay page, if the merchant gives none.
default_title = Complete your purchase
# Name of the list of languages, for screen readers.
languages = Language
# Link to the shop's terms, at the foot of the page and of e-mails.
terms_link = Terms and conditions
# Link to the shop's privacy policy, at the foot of the page and of e-mails.
privacy_link = Privacy policy
# Link to the shop's support, at the foot of the page and of e-mails.
support_link = Customer support
# Said after such a link, for screen readers.
opens_in_new_tab = (opens in a new tab)

## The order

# Heading of the order.
order_summary = Order summary
# For screen readers, before the number of units of a line.
quantity = Quantity
# Shows the hidden lines of a long order; `count` is their number, and at least 2.
more_lines =
    { $count ->
        [one] Show { $count } more item
       *[other] Show { $count } more items
    }
# Name of an order line without a name.
item = Item
# Name of a discount without a name.
discount = Discount
# Name of a delivery charge without a name.
delivery = Delivery
# Name of a tax line without a name.
tax = Tax
# Name of a surcharge without a name.
surcharge = Surcharge
# Label of the sum of the lines.
subtotal = Subtotal
# Label of the contained tax, below the total.
including_tax = Including tax
# Label of the amount to pay.
total = Total
# Label of the shop's number of the order, on the page of a completed payment.
order_number = Order number

## Ways to pay

# Heading of the ways to pay.
payment_heading = How you pay
# Name of `pay_now`.
pay_now = Pay now
# Name of `pay_later`.
pay_later = Pay later
# Name of `pay_over_time`.
pay_over_time = Pay over time
# Explanation of `pay_now`.
about_pay_now = Pay the whole amount today.
# Explanation of `pay_later`.
about_pay_later = Pay at a later date.
# Explanation of `pay_over_time`.
about_pay_over_time = Spread the cost over several payments.
# Explanation of `direct_debit`.
about_direct_debit = The amount is drawn from your bank account.
# Explanation of `direct_bank_transfer`.
about_direct_bank_transfer = Pay straight from your bank account.

## The consumer's details

# Heading of the consumer's details.
details_heading = Your details
# Label of the e-mail address.
email = E-mail address
# Label of the one-time code.
one_time_code = One-time code
# Description of the one-time code's form.
one_time_code_hint = Six digits
# Heading of the details of a new consumer.
sign_up_heading = Your first time here
# The reason why the page asks for these details.
sign_up_hint = We need a few more details, this once.
# Label of the given name.
given_name = Given name
# Label of the family name.
family_name = Family name
# Label of the date of birth.
date_of_birth = Date of birth

## Buttons, and the payment form

# Pay button for `BUY`.
buy = Buy
# Pay button for `RENT`.
rent = Rent
# Pay button for `BOOK`.
book = Book
# Pay button for `SUBSCRIBE`.
subscribe = Subscribe
# Pay button for `DOWNLOAD`.
download = Download
# Pay button for `ORDER`.
order = Order
# Pay button for `CONTINUE`.
continue_purchase = Continue
# Pay button for `PAY`.
pay = Pay
# Pay button after it is pressed.
processing = Processing…
# Shown on the pay page of a payment system with a script, if the browser runs none.
script_needed = Paying here needs JavaScript. Please turn it on in your browser, or go back to the shop.
# A way to pay that the payment system does not offer for this purchase after all.
category_unavailable = This way to pay is not available for this purchase. Please choose another one.
# The consumer closed the payment system's form, or has to correct something in it.
payment_not_finished = The payment is not finished. You can try again.
# The button back to the shop.
back = Back to the shop
# The button or link that cancels.
cancel = Cancel the purchase

## Errors and notices

# The first words of the title of a page with errors.
error_prefix = Error:
# Heading of the list of errors.
error_summary = Please check the following
# Error: the consumer chose no way to pay.
category_not_chosen = Choose how you want to pay.
# Error: the e-mail address is missing or invalid.
email_not_readable = Enter an e-mail address, such as name@example.com.
# Error: the one-time code does not have six digits.
code_not_readable = Enter the six digits of the code.
# Error: the one-time code is wrong.
code_rejected = This code is not the right one. Check it and enter it again.
# Error: the given name is missing.
given_name_missing = Enter your given name.
# Error: the family name is missing.
family_name_missing = Enter your family name.
# Error: the date of birth is missing or invalid.
date_of_birth_not_readable = Enter your date of birth.
# Notice that the merchant changed the order.
order_changed = The order has changed. Please check the new total.
# Notice that the link expires soon; `time` is the time of day, such as 14:05.
expires_soon = This payment link expires at { $time }. If you need longer, ask the shop for a new link.
# Notice that the chosen way to pay was declined and others are left.
category_declined = This way of paying is not available for your purchase. Please choose another.

## The explanation of the sandbox

# Heading of the sandbox's explanation.
sandbox_heading = Sandbox: no real money moves
# The one-time codes that the sandbox accepts.
sandbox_code = any six digits, except 999999
# The effect of `customer@`.
sandbox_approves = the payment is approved
# The effect of `+denied`.
sandbox_declines = the payment is declined
# The effect of `+error`.
sandbox_fails = the payment ends in a technical error
# The effect of `+new_user`.
sandbox_signs_up = name and date of birth are asked for

## The question before a cancellation

# Heading of the question whether to cancel.
cancel_heading = Cancel the purchase?
# Explanation of a cancellation.
cancel_text = Nothing has been charged. If you cancel, this payment link stops working.
# Button that cancels for good.
cancel_confirm = Yes, cancel the purchase
# Link back to the pay page.
keep_paying = Keep paying

## Outcomes

# Heading when the payment was declined.
declined_heading = The payment was declined
# Explanation when the payment was declined.
declined_text = Nothing has been charged. You can try again, or choose another way of paying in the shop.
# Heading after a technical error.
error_heading = Something went wrong
# Explanation after a technical error.
error_text = A technical error stopped the payment. Nothing has been charged.
# Heading of the page while the outcome of the payment is unknown.
confirming_heading = Your payment is being confirmed
# Text of that page.
confirming_text = This can take a few minutes. You do not need to do anything. Please do not pay again: the shop learns the result even if you close this page.
# Heading when the payment is authorized.
completed_heading = Payment confirmed
# Explanation when the payment is authorized.
completed_text = Thank you. The shop has been told and takes care of the rest.
# Heading when the purchase is cancelled.
cancelled_heading = The purchase is cancelled
# Explanation when the purchase is cancelled.
cancelled_text = Nothing has been charged. You can close this page.
# Heading when the consumer went back to the shop.
went_back_heading = You left the payment
# Explanation when the consumer went back to the shop.
went_back_text = Nothing has been charged. You can still complete your purchase.
# Heading when the shop has withdrawn the link.
disabled_heading = This payment link is no longer valid
# Explanation when the shop has withdrawn the link.
disabled_text = The shop has withdrawn it. Please ask the shop for a new link.
# Heading when the link has expired.
expired_heading = This payment link has expired
# Explanation when the link has expired.
expired_text = Please ask the shop for a new link.
# Heading when the link does not exist.
not_found_heading = We do not know this payment link
# Explanation when the link does not exist.
not_found_text = Check that the whole link was copied, or ask the shop for a new one.
# Heading when the page cannot be served.
unavailable_heading = Please try again in a moment
# Explanation when the page cannot be served.
unavailable_text = The payment page is temporarily unavailable. Nothing has been charged.
# Heading when an operator has suspended the shop.
no_payments_heading = This shop cannot take payments now
# Explanation when an operator has suspended the shop.
no_payments_text = Nothing has been charged. Please ask the shop how you can pay.
# The link back to the pay page.
retry = Try again
# The link to the shop after a completed payment.
continue_to_shop = Continue to the shop
# The link to the shop after anything else.
return_to_shop = Return to the shop
# Notice that the browser will go on by itself.
moving_on = You will be taken back to the shop in a moment. If nothing happens, use the button.

## In a shop with staff

# Heading of the consumer's page while the staff checks the identity document.
id_check_heading = Please show your identity document
# Text of that page. The code stands below.
id_check_text = Show your identity document and this code to the staff. This page goes on by itself when they have checked them.
# Label of the code, on the page of the consumer and on that of the staff.
id_check_code = Code
# Heading of the screen that faces the customer.
display_heading = Scan the code to pay
# Text of that screen.
display_text = Point the camera of your phone at the code, and open the link.
# Status on the pages of the staff and on the screen: the link has not been opened.
status_waiting = Waiting for the customer
# Status: the customer has opened the link.
status_in_progress = The customer is paying
# Status: the customer left the payment page, and may return.
status_back = The customer left the payment
# Status: the time limit passed without an outcome. The customer may return.
status_timed_out = The customer did not finish the payment
# Title of the page of the staff.
staff_title = Payment in the shop
# Explanation of the QR code on the page of the staff.
staff_scan = The customer scans this code with a phone, and pays there.
# Link that opens the screen that faces the customer.
staff_open_display = Open the screen for the customer
# Heading of the form that sends the link by e-mail.
staff_send_email = Send the link by e-mail
# Heading of the form that sends the link by text message.
staff_send_sms = Send the link by text message
# Label of the phone number.
phone = Phone number
# Button that sends the link.
staff_send = Send
# Notice after the link was accepted for sending.
staff_sent = The link will be sent in a moment.
# Error: the e-mail address or the phone number cannot be used, or too many messages were sent.
staff_not_sent = The link was not sent. Check the address or the number, and try again later if they are right.
# Heading of the check of the identity document, on the page of the staff.
staff_id_check_heading = Check the identity document
# Instructions for the check.
staff_id_check_text = Compare the code with the one on the customer’s phone. Then compare the document with the person in front of you.
# Button: the document is valid, and belongs to the customer.
staff_id_check_pass = The document is right
# Button: the document is missing or wrong.
staff_id_check_fail = Refuse the payment
# Notice that an answer came too late, or that the order changed.
staff_id_check_over = This check has ended. The customer can try to pay again.
# Opens the question whether to withdraw the link.
staff_disable = Withdraw the link
# Explanation of that question.
staff_disable_text = The customer can then no longer pay with this link.
# Button that withdraws the link.
staff_disable_yes = Yes, withdraw the link

## Messages

# Subject of the e-mail with the link.
message_subject = Your purchase at { $shop }
# Body of the message with the link: an e-mail or a text message.
message_text = Complete your purchase at { $shop }: { $link }
