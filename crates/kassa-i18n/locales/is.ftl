### Icelandic.

## The page

secured_by = Kassa tryggir greiðsluna
default_title = Ljúktu við kaupin
languages = Tungumál
terms_link = Skilmálar
privacy_link = Persónuverndarstefna
support_link = Þjónustuver
opens_in_new_tab = (opnast í nýjum flipa)

## The order

order_summary = Yfirlit pöntunar
quantity = Magn
more_lines =
    { $count ->
        [one] Sýna { $count } línu í viðbót
       *[other] Sýna { $count } línur í viðbót
    }
item = Vara
discount = Afsláttur
delivery = Sending
tax = Skattur
surcharge = Aukagjald
subtotal = Millisamtala
including_tax = Þar af skattur
total = Samtals
order_number = Pöntunarnúmer

## Ways to pay

payment_heading = Greiðslumáti
pay_now = Greiða núna
pay_later = Greiða síðar
pay_over_time = Greiða í áföngum
about_pay_now = Greiddu alla upphæðina í dag.
about_pay_later = Greiddu síðar.
about_pay_over_time = Skiptu upphæðinni í nokkrar greiðslur.
about_direct_debit = Upphæðin er skuldfærð af bankareikningnum þínum.
about_direct_bank_transfer = Greiddu beint af bankareikningnum þínum.

## The consumer's details

details_heading = Upplýsingar um þig
email = Netfang
one_time_code = Einnota kóði
one_time_code_hint = Sex tölustafir
sign_up_heading = Þetta er í fyrsta sinn sem þú greiðir hér
sign_up_hint = Við þurfum nokkrar upplýsingar í viðbót, aðeins í þetta sinn.
given_name = Fornafn
family_name = Eftirnafn
date_of_birth = Fæðingardagur

## Buttons, and the payment form

buy = Kaupa
rent = Leigja
book = Bóka
subscribe = Gerast áskrifandi
download = Sækja
order = Panta
continue_purchase = Halda áfram
pay = Greiða
processing = Í vinnslu…
script_needed = JavaScript þarf til að greiða hér. Kveiktu á því í vafranum eða farðu aftur í verslunina.
category_unavailable = Þessi greiðslumáti er ekki í boði fyrir þessi kaup. Veldu annan.
payment_not_finished = Greiðslunni er ekki lokið. Þú getur reynt aftur.
back = Aftur í verslunina
cancel = Hætta við kaupin

## Errors and notices

error_prefix = Villa:
error_summary = Athugaðu eftirfarandi
category_not_chosen = Veldu hvernig þú vilt greiða.
email_not_readable = Sláðu inn netfang, til dæmis nafn@example.com.
code_not_readable = Sláðu inn sex tölustafi kóðans.
code_rejected = Þessi kóði er ekki réttur. Athugaðu hann og sláðu hann inn aftur.
given_name_missing = Sláðu inn fornafnið þitt.
family_name_missing = Sláðu inn eftirnafnið þitt.
date_of_birth_not_readable = Sláðu inn fæðingardaginn þinn.
order_changed = Pöntunin hefur breyst. Athugaðu nýja heildarupphæð.
expires_soon = Þessi greiðslutengill rennur út kl. { $time }. Ef þú þarft lengri tíma skaltu biðja verslunina um nýjan tengil.
category_declined = Þessi greiðslumáti er ekki í boði fyrir kaupin þín. Veldu annan.

## The explanation of the sandbox

sandbox_heading = Prófunarumhverfi: engir raunverulegir peningar
sandbox_code = hvaða sex tölustafir sem er, nema 999999
sandbox_approves = greiðslan er samþykkt
sandbox_declines = greiðslunni er hafnað
sandbox_fails = greiðslan endar með tæknilegri villu
sandbox_signs_up = beðið er um nafn og fæðingardag

## The question before a cancellation

cancel_heading = Viltu hætta við kaupin?
cancel_text = Ekkert hefur verið skuldfært. Ef þú hættir við hættir þessi greiðslutengill að virka.
cancel_confirm = Já, hætta við kaupin
keep_paying = Halda áfram að greiða

## Outcomes

declined_heading = Greiðslunni var hafnað
declined_text = Ekkert hefur verið skuldfært. Þú getur reynt aftur eða valið annan greiðslumáta í versluninni.
error_heading = Eitthvað fór úrskeiðis
error_text = Tæknileg villa stöðvaði greiðsluna. Ekkert hefur verið skuldfært.
confirming_heading = Verið er að staðfesta greiðsluna
confirming_text = Þetta getur tekið nokkrar mínútur. Þú þarft ekki að gera neitt. Ekki greiða aftur: verslunin fær niðurstöðuna þótt þú lokir þessari síðu.
completed_heading = Greiðsla staðfest
completed_text = Takk fyrir. Verslunin hefur fengið tilkynningu og sér um framhaldið.
cancelled_heading = Hætt hefur verið við kaupin
cancelled_text = Ekkert hefur verið skuldfært. Þú getur lokað þessari síðu.
went_back_heading = Þú hættir við greiðsluna
went_back_text = Ekkert hefur verið skuldfært. Þú getur enn lokið við kaupin.
disabled_heading = Þessi greiðslutengill er ekki lengur í gildi
disabled_text = Verslunin hefur afturkallað hann. Biddu verslunina um nýjan tengil.
expired_heading = Þessi greiðslutengill er útrunninn
expired_text = Biddu verslunina um nýjan tengil.
not_found_heading = Við þekkjum ekki þennan greiðslutengil
not_found_text = Athugaðu hvort allur tengillinn var afritaður eða biddu verslunina um nýjan.
unavailable_heading = Reyndu aftur eftir andartak
unavailable_text = Greiðslusíðan er ekki tiltæk í augnablikinu. Ekkert hefur verið skuldfært.
no_payments_heading = Þessi verslun getur ekki tekið við greiðslum núna
no_payments_text = Ekkert hefur verið skuldfært. Spurðu verslunina hvernig þú getur greitt.
retry = Reyna aftur
continue_to_shop = Halda áfram í verslunina
return_to_shop = Fara aftur í verslunina
moving_on = Þú ferð aftur í verslunina eftir andartak. Ef ekkert gerist skaltu nota hnappinn.

## In a shop with staff

id_check_heading = Vinsamlegast sýndu skilríki
id_check_text = Sýndu starfsfólkinu skilríkin þín og þennan kóða. Þessi síða heldur sjálfkrafa áfram þegar búið er að skoða hvort tveggja.
id_check_code = Kóði
display_heading = Skannaðu kóðann til að greiða
display_text = Beindu myndavél símans að kóðanum og opnaðu tengilinn.
status_waiting = Beðið eftir viðskiptavininum
status_in_progress = Viðskiptavinurinn er að greiða
status_back = Viðskiptavinurinn fór af greiðslusíðunni
status_timed_out = Viðskiptavinurinn lauk ekki við greiðsluna
staff_title = Greiðsla í versluninni
staff_scan = Viðskiptavinurinn skannar þennan kóða með síma og greiðir þar.
staff_open_display = Opna skjáinn fyrir viðskiptavininn
staff_send_email = Senda tengilinn í tölvupósti
staff_send_sms = Senda tengilinn með SMS
phone = Símanúmer
staff_send = Senda
staff_sent = Tengillinn verður sendur eftir andartak.
staff_not_sent = Tengillinn var ekki sendur. Athugaðu netfangið eða númerið og reyndu aftur síðar ef það er rétt.
staff_id_check_heading = Athugaðu skilríkin
staff_id_check_text = Berðu kóðann saman við kóðann í síma viðskiptavinarins. Berðu svo skilríkin saman við manneskjuna fyrir framan þig.
staff_id_check_pass = Skilríkin eru í lagi
staff_id_check_fail = Hafna greiðslunni
staff_id_check_over = Þessari athugun er lokið. Viðskiptavinurinn getur reynt aftur að greiða.
staff_disable = Afturkalla tengilinn
staff_disable_text = Þá getur viðskiptavinurinn ekki lengur greitt með þessum tengli.
staff_disable_yes = Já, afturkalla tengilinn

## Messages

message_subject = Kaupin þín: { $shop }
message_text = Ljúktu við kaupin ({ $shop }): { $link }
