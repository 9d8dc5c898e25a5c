### Swedish.

## The page

secured_by = Skyddas av Kassa
default_title = Slutför ditt köp
languages = Språk
terms_link = Köpvillkor
privacy_link = Integritetspolicy
support_link = Kundservice
opens_in_new_tab = (öppnas i en ny flik)

## The order

order_summary = Din beställning
quantity = Antal
more_lines =
    { $count ->
        [one] Visa { $count } rad till
       *[other] Visa { $count } rader till
    }
item = Vara
discount = Rabatt
delivery = Leverans
tax = Moms
surcharge = Avgift
subtotal = Delsumma
including_tax = Varav moms
total = Totalt
order_number = Ordernummer

## Ways to pay

payment_heading = Så betalar du
pay_now = Betala nu
pay_later = Betala senare
pay_over_time = Dela upp betalningen
about_pay_now = Betala hela beloppet i dag.
about_pay_later = Betala vid ett senare tillfälle.
about_pay_over_time = Dela upp kostnaden på flera betalningar.
about_direct_debit = Beloppet dras från ditt bankkonto.
about_direct_bank_transfer = Betala direkt från ditt bankkonto.

## The consumer's details

details_heading = Dina uppgifter
email = E-postadress
one_time_code = Engångskod
one_time_code_hint = Sex siffror
sign_up_heading = Första gången här
sign_up_hint = Vi behöver några uppgifter till, bara den här gången.
given_name = Förnamn
family_name = Efternamn
date_of_birth = Födelsedatum

## Buttons, and the payment form

buy = Köp
rent = Hyr
book = Boka
subscribe = Prenumerera
download = Ladda ner
order = Beställ
continue_purchase = Fortsätt
pay = Betala
processing = Behandlas …
script_needed = För att betala här behövs JavaScript. Slå på det i webbläsaren eller gå tillbaka till butiken.
category_unavailable = Det här betalsättet går inte att använda för köpet. Välj ett annat.
payment_not_finished = Betalningen är inte klar. Du kan försöka igen.
back = Tillbaka till butiken
cancel = Avbryt köpet

## Errors and notices

error_prefix = Fel:
error_summary = Kontrollera följande
category_not_chosen = Välj hur du vill betala.
email_not_readable = Ange en e-postadress, till exempel namn@example.com.
code_not_readable = Ange kodens sex siffror.
code_rejected = Koden stämmer inte. Kontrollera den och ange den igen.
given_name_missing = Ange ditt förnamn.
family_name_missing = Ange ditt efternamn.
date_of_birth_not_readable = Ange ditt födelsedatum.
order_changed = Beställningen har ändrats. Kontrollera den nya summan.
expires_soon = Betallänken går ut kl. { $time }. Be butiken om en ny länk om du behöver mer tid.
category_declined = Det här betalsättet är inte tillgängligt för ditt köp. Välj ett annat.

## The explanation of the sandbox

sandbox_heading = Sandlåda: inga riktiga pengar flyttas
sandbox_code = sex valfria siffror, utom 999999
sandbox_approves = betalningen godkänns
sandbox_declines = betalningen nekas
sandbox_fails = betalningen slutar i ett tekniskt fel
sandbox_signs_up = namn och födelsedatum efterfrågas

## The question before a cancellation

cancel_heading = Vill du avbryta köpet?
cancel_text = Inget har debiterats. Om du avbryter slutar betallänken att fungera.
cancel_confirm = Ja, avbryt köpet
keep_paying = Fortsätt betala

## Outcomes

declined_heading = Betalningen nekades
declined_text = Inget har debiterats. Du kan försöka igen eller välja ett annat betalsätt i butiken.
error_heading = Något gick fel
error_text = Ett tekniskt fel stoppade betalningen. Inget har debiterats.
confirming_heading = Din betalning bekräftas
confirming_text = Det kan ta några minuter. Du behöver inte göra något. Betala inte igen: butiken får resultatet även om du stänger sidan.
completed_heading = Betalningen är bekräftad
completed_text = Tack. Butiken har fått besked och tar hand om resten.
cancelled_heading = Köpet är avbrutet
cancelled_text = Inget har debiterats. Du kan stänga sidan.
went_back_heading = Du lämnade betalningen
went_back_text = Inget har debiterats. Du kan fortfarande slutföra köpet.
disabled_heading = Betallänken gäller inte längre
disabled_text = Butiken har återkallat den. Be butiken om en ny länk.
expired_heading = Betallänken har gått ut
expired_text = Be butiken om en ny länk.
not_found_heading = Vi känner inte igen betallänken
not_found_text = Kontrollera att hela länken kom med, eller be butiken om en ny.
unavailable_heading = Försök igen om en stund
unavailable_text = Betalsidan är tillfälligt otillgänglig. Inget har debiterats.
no_payments_heading = Den här butiken kan inte ta emot betalningar just nu
no_payments_text = Inget har debiterats. Fråga butiken hur du kan betala.
retry = Försök igen
continue_to_shop = Fortsätt till butiken
return_to_shop = Tillbaka till butiken
moving_on = Du skickas strax tillbaka till butiken. Om inget händer, använd knappen.

## In a shop with staff

id_check_heading = Visa din legitimation
id_check_text = Visa din legitimation och den här koden för personalen. Sidan går vidare av sig själv när de har kontrollerats.
id_check_code = Kod
display_heading = Skanna koden för att betala
display_text = Rikta telefonens kamera mot koden och öppna länken.
status_waiting = Väntar på kunden
status_in_progress = Kunden håller på att betala
status_back = Kunden lämnade betalningen
status_timed_out = Kunden slutförde inte betalningen
staff_title = Betalning i butiken
staff_scan = Kunden skannar den här koden med en telefon och betalar där.
staff_open_display = Öppna skärmen för kunden
staff_send_email = Skicka länken med e-post
staff_send_sms = Skicka länken med sms
phone = Telefonnummer
staff_send = Skicka
staff_sent = Länken skickas strax.
staff_not_sent = Länken skickades inte. Kontrollera adressen eller numret och försök igen senare om de stämmer.
staff_id_check_heading = Kontrollera legitimationen
staff_id_check_text = Jämför koden med den på kundens telefon. Jämför sedan legitimationen med personen framför dig.
staff_id_check_pass = Legitimationen stämmer
staff_id_check_fail = Neka betalningen
staff_id_check_over = Kontrollen har avslutats. Kunden kan försöka betala igen.
staff_disable = Återkalla länken
staff_disable_text = Kunden kan då inte längre betala med länken.
staff_disable_yes = Ja, återkalla länken

## Messages

message_subject = Ditt köp hos { $shop }
message_text = Slutför ditt köp hos { $shop }: { $link }
