### Lithuanian.

## The page

secured_by = Mokėjimą saugo „Kassa“
default_title = Užbaikite pirkimą
languages = Kalba
terms_link = Pirkimo taisyklės
privacy_link = Privatumo politika
support_link = Klientų aptarnavimas
opens_in_new_tab = (atidaroma naujame skirtuke)

## The order

order_summary = Užsakymo suvestinė
quantity = Kiekis
more_lines =
    { $count ->
        [one] Rodyti dar { $count } eilutę
        [few] Rodyti dar { $count } eilutes
       *[other] Rodyti dar { $count } eilučių
    }
item = Prekė
discount = Nuolaida
delivery = Pristatymas
tax = Mokestis
surcharge = Priemoka
subtotal = Tarpinė suma
including_tax = Įskaitant mokestį
total = Iš viso
order_number = Užsakymo numeris

## Ways to pay

payment_heading = Mokėjimo būdas
pay_now = Mokėti dabar
pay_later = Mokėti vėliau
pay_over_time = Mokėti dalimis
about_pay_now = Sumokėkite visą sumą šiandien.
about_pay_later = Sumokėkite vėlesnę dieną.
about_pay_over_time = Padalykite sumą į kelis mokėjimus.
about_direct_debit = Suma nurašoma nuo jūsų banko sąskaitos.
about_direct_bank_transfer = Mokėkite tiesiai iš savo banko sąskaitos.

## The consumer's details

details_heading = Jūsų duomenys
email = El. pašto adresas
one_time_code = Vienkartinis kodas
one_time_code_hint = Šeši skaitmenys
sign_up_heading = Jūs čia pirmą kartą
sign_up_hint = Mums reikia dar kelių duomenų, tik šį kartą.
given_name = Vardas
family_name = Pavardė
date_of_birth = Gimimo data

## Buttons, and the payment form

buy = Pirkti
rent = Nuomoti
book = Rezervuoti
subscribe = Prenumeruoti
download = Atsisiųsti
order = Užsakyti
continue_purchase = Tęsti
pay = Mokėti
processing = Apdorojama…
script_needed = Norint sumokėti, reikia „JavaScript“. Įjunkite ją naršyklėje arba grįžkite į parduotuvę.
category_unavailable = Šis mokėjimo būdas šiam pirkiniui negalimas. Pasirinkite kitą.
payment_not_finished = Mokėjimas nebaigtas. Galite bandyti dar kartą.
back = Atgal į parduotuvę
cancel = Atšaukti pirkimą

## Errors and notices

error_prefix = Klaida:
error_summary = Patikrinkite šiuos laukus
category_not_chosen = Pasirinkite, kaip norite mokėti.
email_not_readable = Įveskite el. pašto adresą, pavyzdžiui, vardas@example.com.
code_not_readable = Įveskite šešis kodo skaitmenis.
code_rejected = Šis kodas neteisingas. Patikrinkite jį ir įveskite dar kartą.
given_name_missing = Įveskite savo vardą.
family_name_missing = Įveskite savo pavardę.
date_of_birth_not_readable = Įveskite savo gimimo datą.
order_changed = Užsakymas pasikeitė. Patikrinkite naują bendrą sumą.
expires_soon = Ši mokėjimo nuoroda galioja iki { $time }. Jei reikia daugiau laiko, paprašykite parduotuvės naujos nuorodos.
category_declined = Šis mokėjimo būdas jūsų pirkiniui negalimas. Pasirinkite kitą.

## The explanation of the sandbox

sandbox_heading = Bandomoji aplinka: tikri pinigai nepervedami
sandbox_code = bet kurie šeši skaitmenys, išskyrus 999999
sandbox_approves = mokėjimas patvirtinamas
sandbox_declines = mokėjimas atmetamas
sandbox_fails = mokėjimas baigiasi technine klaida
sandbox_signs_up = prašoma vardo, pavardės ir gimimo datos

## The question before a cancellation

cancel_heading = Atšaukti pirkimą?
cancel_text = Pinigai nenurašyti. Jei atšauksite, ši mokėjimo nuoroda nebeveiks.
cancel_confirm = Taip, atšaukti pirkimą
keep_paying = Tęsti mokėjimą

## Outcomes

declined_heading = Mokėjimas atmestas
declined_text = Pinigai nenurašyti. Galite bandyti dar kartą arba parduotuvėje pasirinkti kitą mokėjimo būdą.
error_heading = Įvyko klaida
error_text = Mokėjimą sustabdė techninė klaida. Pinigai nenurašyti.
confirming_heading = Jūsų mokėjimas tvirtinamas
confirming_text = Tai gali užtrukti kelias minutes. Jums nieko nereikia daryti. Nemokėkite dar kartą: parduotuvė sužinos rezultatą, net jei uždarysite šį puslapį.
completed_heading = Mokėjimas patvirtintas
completed_text = Ačiū. Parduotuvei pranešta, ji pasirūpins visa kita.
cancelled_heading = Pirkimas atšauktas
cancelled_text = Pinigai nenurašyti. Galite uždaryti šį puslapį.
went_back_heading = Jūs nutraukėte mokėjimą
went_back_text = Pinigai nenurašyti. Vis dar galite užbaigti pirkimą.
disabled_heading = Ši mokėjimo nuoroda nebegalioja
disabled_text = Parduotuvė ją atšaukė. Paprašykite parduotuvės naujos nuorodos.
expired_heading = Šios mokėjimo nuorodos galiojimas baigėsi
expired_text = Paprašykite parduotuvės naujos nuorodos.
not_found_heading = Tokios mokėjimo nuorodos nežinome
not_found_text = Patikrinkite, ar nukopijavote visą nuorodą, arba paprašykite parduotuvės naujos.
unavailable_heading = Pabandykite dar kartą po akimirkos
unavailable_text = Mokėjimo puslapis laikinai nepasiekiamas. Pinigai nenurašyti.
no_payments_heading = Ši parduotuvė šiuo metu negali priimti mokėjimų
no_payments_text = Pinigai nenurašyti. Paklauskite parduotuvės, kaip galite sumokėti.
retry = Bandyti dar kartą
continue_to_shop = Tęsti į parduotuvę
return_to_shop = Grįžti į parduotuvę
moving_on = Po akimirkos būsite grąžinti į parduotuvę. Jei nieko nevyksta, naudokite mygtuką.

## In a shop with staff

id_check_heading = Prašome parodyti asmens dokumentą
id_check_text = Parodykite darbuotojui savo asmens dokumentą ir šį kodą. Kai jie bus patikrinti, šis puslapis atsinaujins savaime.
id_check_code = Kodas
display_heading = Nuskaitykite kodą ir sumokėkite
display_text = Nukreipkite telefono kamerą į kodą ir atidarykite nuorodą.
status_waiting = Laukiama pirkėjo
status_in_progress = Pirkėjas moka
status_back = Pirkėjas nutraukė mokėjimą
status_timed_out = Pirkėjas nebaigė mokėjimo
staff_title = Mokėjimas parduotuvėje
staff_scan = Pirkėjas telefonu nuskaito šį kodą ir ten sumoka.
staff_open_display = Atidaryti ekraną pirkėjui
staff_send_email = Siųsti nuorodą el. paštu
staff_send_sms = Siųsti nuorodą SMS žinute
phone = Telefono numeris
staff_send = Siųsti
staff_sent = Nuoroda bus išsiųsta po akimirkos.
staff_not_sent = Nuoroda neišsiųsta. Patikrinkite adresą arba numerį ir, jei jie teisingi, bandykite dar kartą vėliau.
staff_id_check_heading = Patikrinkite asmens dokumentą
staff_id_check_text = Palyginkite kodą su kodu pirkėjo telefone. Tada palyginkite dokumentą su priešais jus esančiu asmeniu.
staff_id_check_pass = Dokumentas tinkamas
staff_id_check_fail = Atmesti mokėjimą
staff_id_check_over = Šis tikrinimas baigtas. Pirkėjas gali bandyti sumokėti dar kartą.
staff_disable = Atšaukti nuorodą
staff_disable_text = Tada pirkėjas nebegalės sumokėti naudodamas šią nuorodą.
staff_disable_yes = Taip, atšaukti nuorodą

## Messages

message_subject = Jūsų pirkinys: { $shop }
message_text = Užbaikite pirkimą ({ $shop }): { $link }
