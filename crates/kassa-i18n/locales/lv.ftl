### Latvian.

## The page

secured_by = Maksājumu aizsargā Kassa
default_title = Pabeidziet pirkumu
languages = Valoda
terms_link = Noteikumi un nosacījumi
privacy_link = Privātuma politika
support_link = Klientu apkalpošana
opens_in_new_tab = (tiek atvērts jaunā cilnē)

## The order

order_summary = Pasūtījuma kopsavilkums
quantity = Daudzums
more_lines =
    { $count ->
        [zero] Rādīt vēl { $count } rindu
        [one] Rādīt vēl { $count } rindu
       *[other] Rādīt vēl { $count } rindas
    }
item = Prece
discount = Atlaide
delivery = Piegāde
tax = Nodoklis
surcharge = Piemaksa
subtotal = Starpsumma
including_tax = Tostarp nodoklis
total = Kopā
order_number = Pasūtījuma numurs

## Ways to pay

payment_heading = Maksājuma veids
pay_now = Maksāt tūlīt
pay_later = Maksāt vēlāk
pay_over_time = Maksāt pa daļām
about_pay_now = Samaksājiet visu summu šodien.
about_pay_later = Samaksājiet vēlākā datumā.
about_pay_over_time = Sadaliet summu vairākos maksājumos.
about_direct_debit = Summa tiek norakstīta no jūsu bankas konta.
about_direct_bank_transfer = Maksājiet tieši no sava bankas konta.

## The consumer's details

details_heading = Jūsu dati
email = E-pasta adrese
one_time_code = Vienreizējs kods
one_time_code_hint = Seši cipari
sign_up_heading = Jūs šeit esat pirmo reizi
sign_up_hint = Mums nepieciešami vēl daži dati, tikai šoreiz.
given_name = Vārds
family_name = Uzvārds
date_of_birth = Dzimšanas datums

## Buttons, and the payment form

buy = Pirkt
rent = Nomāt
book = Rezervēt
subscribe = Abonēt
download = Lejupielādēt
order = Pasūtīt
continue_purchase = Turpināt
pay = Maksāt
processing = Notiek apstrāde…
script_needed = Lai samaksātu, nepieciešams JavaScript. Ieslēdziet to pārlūkā vai atgriezieties veikalā.
category_unavailable = Šis maksājuma veids šim pirkumam nav pieejams. Lūdzu, izvēlieties citu.
payment_not_finished = Maksājums nav pabeigts. Varat mēģināt vēlreiz.
back = Atpakaļ uz veikalu
cancel = Atcelt pirkumu

## Errors and notices

error_prefix = Kļūda:
error_summary = Lūdzu, pārbaudiet šo
category_not_chosen = Izvēlieties, kā vēlaties maksāt.
email_not_readable = Ievadiet e-pasta adresi, piemēram, vards@example.com.
code_not_readable = Ievadiet sešus koda ciparus.
code_rejected = Šis kods nav pareizs. Pārbaudiet to un ievadiet vēlreiz.
given_name_missing = Ievadiet savu vārdu.
family_name_missing = Ievadiet savu uzvārdu.
date_of_birth_not_readable = Ievadiet savu dzimšanas datumu.
order_changed = Pasūtījums ir mainījies. Lūdzu, pārbaudiet jauno kopsummu.
expires_soon = Šīs maksājuma saites derīgums beidzas plkst. { $time }. Ja jums vajag vairāk laika, lūdziet veikalam jaunu saiti.
category_declined = Šis maksājuma veids jūsu pirkumam nav pieejams. Lūdzu, izvēlieties citu.

## The explanation of the sandbox

sandbox_heading = Testa vide: īsta nauda netiek pārskaitīta
sandbox_code = jebkuri seši cipari, izņemot 999999
sandbox_approves = maksājums tiek apstiprināts
sandbox_declines = maksājums tiek noraidīts
sandbox_fails = maksājums beidzas ar tehnisku kļūdu
sandbox_signs_up = tiek prasīts vārds un dzimšanas datums

## The question before a cancellation

cancel_heading = Vai atcelt pirkumu?
cancel_text = Nauda nav iekasēta. Ja atcelsiet pirkumu, šī maksājuma saite vairs nedarbosies.
cancel_confirm = Jā, atcelt pirkumu
keep_paying = Turpināt maksājumu

## Outcomes

declined_heading = Maksājums ir noraidīts
declined_text = Nauda nav iekasēta. Varat mēģināt vēlreiz vai veikalā izvēlēties citu maksājuma veidu.
error_heading = Radās kļūme
error_text = Tehniska kļūda pārtrauca maksājumu. Nauda nav iekasēta.
confirming_heading = Jūsu maksājums tiek apstiprināts
confirming_text = Tas var aizņemt dažas minūtes. Jums nekas nav jādara. Lūdzu, nemaksājiet vēlreiz: veikals uzzinās rezultātu arī tad, ja aizvērsiet šo lapu.
completed_heading = Maksājums ir apstiprināts
completed_text = Paldies. Veikals ir informēts un parūpēsies par pārējo.
cancelled_heading = Pirkums ir atcelts
cancelled_text = Nauda nav iekasēta. Varat aizvērt šo lapu.
went_back_heading = Jūs pārtraucāt maksājumu
went_back_text = Nauda nav iekasēta. Jūs joprojām varat pabeigt pirkumu.
disabled_heading = Šī maksājuma saite vairs nav derīga
disabled_text = Veikals to ir atsaucis. Lūdziet veikalam jaunu saiti.
expired_heading = Šīs maksājuma saites derīgums ir beidzies
expired_text = Lūdziet veikalam jaunu saiti.
not_found_heading = Mēs nepazīstam šo maksājuma saiti
not_found_text = Pārbaudiet, vai nokopējāt visu saiti, vai lūdziet veikalam jaunu.
unavailable_heading = Lūdzu, pēc brīža mēģiniet vēlreiz
unavailable_text = Maksājumu lapa īslaicīgi nav pieejama. Nauda nav iekasēta.
no_payments_heading = Šis veikals pašlaik nevar pieņemt maksājumus
no_payments_text = Nauda nav iekasēta. Lūdzu, jautājiet veikalam, kā varat samaksāt.
retry = Mēģināt vēlreiz
continue_to_shop = Turpināt uz veikalu
return_to_shop = Atgriezties veikalā
moving_on = Pēc brīža jūs atgriezīsieties veikalā. Ja nekas nenotiek, izmantojiet pogu.

## In a shop with staff

id_check_heading = Lūdzu, uzrādiet personu apliecinošu dokumentu
id_check_text = Parādiet darbiniekam savu personu apliecinošo dokumentu un šo kodu. Kad tie būs pārbaudīti, šī lapa turpinās pati.
id_check_code = Kods
display_heading = Noskenējiet kodu, lai samaksātu
display_text = Pavērsiet tālruņa kameru pret kodu un atveriet saiti.
status_waiting = Gaida pircēju
status_in_progress = Pircējs maksā
status_back = Pircējs pārtrauca maksājumu
status_timed_out = Pircējs nepabeidza maksājumu
staff_title = Maksājums veikalā
staff_scan = Pircējs noskenē šo kodu ar tālruni un tajā samaksā.
staff_open_display = Atvērt ekrānu pircējam
staff_send_email = Nosūtīt saiti pa e-pastu
staff_send_sms = Nosūtīt saiti īsziņā
phone = Tālruņa numurs
staff_send = Nosūtīt
staff_sent = Saite pēc brīža tiks nosūtīta.
staff_not_sent = Saite netika nosūtīta. Pārbaudiet adresi vai numuru un, ja tie ir pareizi, vēlāk mēģiniet vēlreiz.
staff_id_check_heading = Pārbaudiet personu apliecinošo dokumentu
staff_id_check_text = Salīdziniet kodu ar kodu pircēja tālrunī. Pēc tam salīdziniet dokumentu ar personu jūsu priekšā.
staff_id_check_pass = Dokuments ir kārtībā
staff_id_check_fail = Noraidīt maksājumu
staff_id_check_over = Šī pārbaude ir beigusies. Pircējs var mēģināt maksāt vēlreiz.
staff_disable = Atsaukt saiti
staff_disable_text = Pircējs tad vairs nevarēs maksāt ar šo saiti.
staff_disable_yes = Jā, atsaukt saiti

## Messages

message_subject = Jūsu pirkums: { $shop }
message_text = Pabeidziet pirkumu ({ $shop }): { $link }
