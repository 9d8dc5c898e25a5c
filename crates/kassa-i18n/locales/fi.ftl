### Finnish.

## The page

secured_by = Maksun suojaa Kassa
default_title = Viimeistele ostoksesi
languages = Kieli
terms_link = Toimitusehdot
privacy_link = Tietosuojaseloste
support_link = Asiakaspalvelu
opens_in_new_tab = (avautuu uuteen välilehteen)

## The order

order_summary = Tilauksen yhteenveto
quantity = Määrä
more_lines =
    { $count ->
        [one] Näytä vielä { $count } rivi
       *[other] Näytä vielä { $count } riviä
    }
item = Tuote
discount = Alennus
delivery = Toimitus
tax = Vero
surcharge = Lisämaksu
subtotal = Välisumma
including_tax = Sisältää veroa
total = Yhteensä
order_number = Tilausnumero

## Ways to pay

payment_heading = Maksutapa
pay_now = Maksa nyt
pay_later = Maksa myöhemmin
pay_over_time = Maksa erissä
about_pay_now = Maksa koko summa tänään.
about_pay_later = Maksa myöhemmin.
about_pay_over_time = Jaa summa useaan maksuerään.
about_direct_debit = Summa veloitetaan pankkitililtäsi.
about_direct_bank_transfer = Maksa suoraan pankkitililtäsi.

## The consumer's details

details_heading = Tietosi
email = Sähköpostiosoite
one_time_code = Kertakäyttökoodi
one_time_code_hint = Kuusi numeroa
sign_up_heading = Ensimmäinen kertasi täällä
sign_up_hint = Tarvitsemme muutaman lisätiedon, vain tämän kerran.
given_name = Etunimi
family_name = Sukunimi
date_of_birth = Syntymäaika

## Buttons, and the payment form

buy = Osta
rent = Vuokraa
book = Varaa
subscribe = Tilaa
download = Lataa
order = Tilaa
continue_purchase = Jatka
pay = Maksa
processing = Käsitellään…
script_needed = Maksamiseen tarvitaan JavaScript. Ota se käyttöön selaimessa tai palaa kauppaan.
category_unavailable = Tämä maksutapa ei ole käytettävissä tässä ostoksessa. Valitse toinen.
payment_not_finished = Maksu on kesken. Voit yrittää uudelleen.
back = Takaisin kauppaan
cancel = Peruuta ostos

## Errors and notices

error_prefix = Virhe:
error_summary = Tarkista seuraavat kohdat
category_not_chosen = Valitse, miten haluat maksaa.
email_not_readable = Anna sähköpostiosoite, esimerkiksi nimi@example.com.
code_not_readable = Anna koodin kuusi numeroa.
code_rejected = Koodi ei ole oikea. Tarkista se ja anna se uudelleen.
given_name_missing = Anna etunimesi.
family_name_missing = Anna sukunimesi.
date_of_birth_not_readable = Anna syntymäaikasi.
order_changed = Tilaus on muuttunut. Tarkista uusi loppusumma.
expires_soon = Tämä maksulinkki vanhenee kello { $time }. Jos tarvitset lisää aikaa, pyydä kaupalta uusi linkki.
category_declined = Tämä maksutapa ei ole käytettävissä tälle ostokselle. Valitse toinen.

## The explanation of the sandbox

sandbox_heading = Testiympäristö: oikeaa rahaa ei liiku
sandbox_code = mitkä tahansa kuusi numeroa, paitsi 999999
sandbox_approves = maksu hyväksytään
sandbox_declines = maksu hylätään
sandbox_fails = maksu päättyy tekniseen virheeseen
sandbox_signs_up = nimi ja syntymäaika kysytään

## The question before a cancellation

cancel_heading = Peruutetaanko ostos?
cancel_text = Mitään ei ole veloitettu. Jos peruutat, tämä maksulinkki lakkaa toimimasta.
cancel_confirm = Kyllä, peruuta ostos
keep_paying = Jatka maksamista

## Outcomes

declined_heading = Maksu hylättiin
declined_text = Mitään ei ole veloitettu. Voit yrittää uudelleen tai valita kaupassa toisen maksutavan.
error_heading = Jokin meni vikaan
error_text = Tekninen virhe keskeytti maksun. Mitään ei ole veloitettu.
confirming_heading = Maksuasi vahvistetaan
confirming_text = Tämä voi kestää muutaman minuutin. Sinun ei tarvitse tehdä mitään. Älä maksa uudelleen: kauppa saa tiedon, vaikka sulkisit sivun.
completed_heading = Maksu vahvistettu
completed_text = Kiitos. Kauppa on saanut tiedon ja hoitaa loput.
cancelled_heading = Ostos on peruutettu
cancelled_text = Mitään ei ole veloitettu. Voit sulkea tämän sivun.
went_back_heading = Poistuit maksusta
went_back_text = Mitään ei ole veloitettu. Voit yhä viimeistellä ostoksesi.
disabled_heading = Tämä maksulinkki ei ole enää voimassa
disabled_text = Kauppa on perunut sen. Pyydä kaupalta uusi linkki.
expired_heading = Tämä maksulinkki on vanhentunut
expired_text = Pyydä kaupalta uusi linkki.
not_found_heading = Emme tunne tätä maksulinkkiä
not_found_text = Tarkista, että linkki on kokonainen, tai pyydä kaupalta uusi.
unavailable_heading = Yritä hetken kuluttua uudelleen
unavailable_text = Maksusivu on tilapäisesti poissa käytöstä. Mitään ei ole veloitettu.
no_payments_heading = Tämä kauppa ei voi juuri nyt ottaa vastaan maksuja
no_payments_text = Mitään ei ole veloitettu. Kysy kaupalta, miten voit maksaa.
retry = Yritä uudelleen
continue_to_shop = Jatka kauppaan
return_to_shop = Palaa kauppaan
moving_on = Sinut ohjataan pian takaisin kauppaan. Jos mitään ei tapahdu, käytä painiketta.

## In a shop with staff

id_check_heading = Todista henkilöllisyytesi
id_check_text = Näytä henkilökunnalle henkilöllisyystodistuksesi ja tämä koodi. Sivu jatkaa itsestään, kun ne on tarkistettu.
id_check_code = Koodi
display_heading = Maksa skannaamalla koodi
display_text = Suuntaa puhelimen kamera koodiin ja avaa linkki.
status_waiting = Odotetaan asiakasta
status_in_progress = Asiakas maksaa
status_back = Asiakas poistui maksusta
status_timed_out = Asiakas ei vienyt maksua loppuun
staff_title = Maksu kaupassa
staff_scan = Asiakas skannaa tämän koodin puhelimella ja maksaa siinä.
staff_open_display = Avaa asiakkaan näyttö
staff_send_email = Lähetä linkki sähköpostilla
staff_send_sms = Lähetä linkki tekstiviestillä
phone = Puhelinnumero
staff_send = Lähetä
staff_sent = Linkki lähetetään hetken kuluttua.
staff_not_sent = Linkkiä ei lähetetty. Tarkista osoite tai numero ja yritä myöhemmin uudelleen, jos se on oikein.
staff_id_check_heading = Tarkista henkilöllisyys
staff_id_check_text = Vertaa koodia asiakkaan puhelimessa olevaan koodiin. Vertaa sitten henkilöllisyystodistusta edessäsi olevaan henkilöön.
staff_id_check_pass = Todistus on kunnossa
staff_id_check_fail = Hylkää maksu
staff_id_check_over = Tämä tarkistus on päättynyt. Asiakas voi yrittää maksaa uudelleen.
staff_disable = Peru linkki
staff_disable_text = Asiakas ei voi sen jälkeen enää maksaa tällä linkillä.
staff_disable_yes = Kyllä, peru linkki

## Messages

message_subject = Ostoksesi: { $shop }
message_text = Viimeistele ostoksesi ({ $shop }): { $link }
